// Whether a stock may be promised from: frozen and retired are two switches, each where its latest fact in event
// time left it. So the facts may arrive in any order (R5), and a freeze during a retirement outlives it.
import type { Instant } from '../time.ts';

export const LIVES = ['active', 'frozen', 'retired'] as const;
export type Life = (typeof LIVES)[number];

/** Where the latest fact left a switch. Two facts at one instant go by command id, as two counts do. */
export interface Turn {
  readonly on: boolean;
  readonly at: Instant;
  readonly commandId: string;
}

export interface Turns {
  readonly frozen: Turn | undefined;
  readonly retired: Turn | undefined;
}

export const NO_TURNS: Turns = { frozen: undefined, retired: undefined };

const SWITCHES: ReadonlyMap<string, { readonly of: keyof Turns; readonly on: boolean }> = new Map([
  ['StockFrozen', { of: 'frozen', on: true }],
  ['StockUnfrozen', { of: 'frozen', on: false }],
  ['StockRetired', { of: 'retired', on: true }],
  ['StockReinstated', { of: 'retired', on: false }],
] as const);

interface Turning {
  readonly type: string;
  readonly occurredAt: Instant;
  readonly commandId: string;
}

/** Is it one of the four events that carry a life? */
export function turnsLife(event: { readonly type: string }): boolean {
  return SWITCHES.has(event.type);
}

export function turnsAfter(turns: Turns, event: Turning): Turns {
  const turned = SWITCHES.get(event.type);
  if (turned === undefined) return turns;
  const last = turns[turned.of];
  const { occurredAt: at, commandId } = event;
  const isLater = last === undefined || at > last.at || (at === last.at && commandId > last.commandId);
  return isLater ? { ...turns, [turned.of]: { on: turned.on, at, commandId } } : turns;
}

/** Retirement hides freezing. */
export function lifeOf(turns: Turns): Life {
  if (turns.retired?.on === true) return 'retired';
  return turns.frozen?.on === true ? 'frozen' : 'active';
}
