// The quantities of one SKU at one location, kept apart (R2), and what follows from them.
// Available-to-sell is not here: it belongs to a channel (domain/channel/available-to-sell.ts).

export interface Levels {
  /** Units physically there, reserved and quarantined ones included. Negative: facts say more left than ever came. */
  readonly onHand: number;
  /** Units promised to open reservations and requested transfers. */
  readonly reserved: number;
  /** Units there that must not be sold. */
  readonly quarantined: number;
  /** Units other locations sent here that have not arrived. */
  readonly inTransitIn: number;
  /** Units sent from here whose arrival is not confirmed. */
  readonly inTransitOut: number;
}

export const NO_LEVELS: Levels = { onHand: 0, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };

/** on-hand − reserved − quarantined. Negative when facts revealed an oversell. */
export function available(levels: Levels): number {
  return levels.onHand - levels.reserved - levels.quarantined;
}

/** Units promised or quarantined beyond what is there. */
export function oversold(levels: Levels): number {
  return Math.max(0, -available(levels));
}

export type Condition = 'inStock' | 'depleted' | 'oversold' | 'frozen' | 'retired';

/** The condition of a stock; retirement and freezing hide what the quantities say. */
export function conditionOf(levels: Levels, life: 'active' | 'frozen' | 'retired'): Condition {
  if (life !== 'active') return life;
  const units = available(levels);
  if (units > 0) return 'inStock';
  return units === 0 ? 'depleted' : 'oversold';
}
