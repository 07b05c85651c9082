// The reference model of one stock: what the commands that were accepted, in the order of the log, must lead to. Written
// from the rules alone (mission.md, design.md) and slow on purpose: every quantity is a sum over all that happened.
// It shares no arithmetic with domain/.
import type { Policy } from '../../domain/channel/policy.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';

interface Hold {
  readonly channel: string | undefined;
  held: number;
  committed: number;
  expiresAt: number;
}

interface Switch {
  readonly at: number;
  readonly id: string;
  readonly on: boolean;
}

export interface ReferenceStock {
  readonly sku: string;
  readonly location: string;
  readonly moved: { readonly at: number; readonly units: number }[];
  readonly counts: { readonly at: number; readonly id: string; readonly counted: number }[];
  readonly holds: Map<string, Hold>;
  readonly inward: Map<string, number>;
  readonly outward: Map<string, number>;
  quarantined: number;
  frozen: Switch | undefined;
  retired: Switch | undefined;
}

export interface ReferenceLevels {
  readonly onHand: number;
  readonly reserved: number;
  readonly quarantined: number;
  readonly inTransitIn: number;
  readonly inTransitOut: number;
}

export function emptyReference(sku: string, location: string): ReferenceStock {
  return {
    sku,
    location,
    moved: [],
    counts: [],
    holds: new Map(),
    inward: new Map(),
    outward: new Map(),
    quarantined: 0,
    frozen: undefined,
    retired: undefined,
  };
}

/** P5: the latest count in event time, and what moved after it. */
export function onHandOf({ moved, counts }: Pick<ReferenceStock, 'moved' | 'counts'>): number {
  let latest: (typeof counts)[number] | undefined;
  for (const count of counts) {
    if (latest === undefined || count.at > latest.at || (count.at === latest.at && count.id > latest.id))
      latest = count;
  }
  let units = latest?.counted ?? 0;
  for (const { at, units: delta } of moved) if (latest === undefined || at > latest.at) units += delta;
  return units;
}

export function levelsOf(stock: ReferenceStock): ReferenceLevels {
  let reserved = 0;
  for (const { held, committed } of stock.holds.values()) reserved += held + committed;
  return {
    onHand: onHandOf(stock),
    reserved,
    quarantined: Math.max(0, stock.quarantined),
    inTransitIn: sumOfPositive(stock.inward),
    inTransitOut: sumOfPositive(stock.outward),
  };
}

function sumOfPositive(units: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const each of units.values()) sum += Math.max(0, each);
  return sum;
}

export function isActive({ frozen, retired }: ReferenceStock): boolean {
  return frozen?.on !== true && retired?.on !== true;
}

/** Units a channel (undefined: none of them) may promise: above safety stock and what is kept for others. */
export function freeFor(stock: ReferenceStock, channel: string | undefined, policy: Policy): number {
  if (!isActive(stock)) return 0;
  const { sku, location, holds } = stock;
  const { onHand, reserved, quarantined } = levelsOf(stock);
  const { document } = policy;
  const narrow = document.safetyStock.find((entry) => entry.sku === sku && entry.location === location);
  const ofSku = document.safetyStock.find((entry) => entry.sku === sku && entry.location === undefined);
  const ofLocation = document.locations.find(({ id }) => id === location)?.safetyStock;
  let pool = Math.max(0, onHand - reserved - quarantined - (narrow?.units ?? ofSku?.units ?? ofLocation ?? 0));
  let free = pool;
  for (const { id, quotas } of document.channels) {
    const quota = quotas.find((entry) => entry.sku === sku && entry.location === location)?.units ?? 0;
    let used = 0;
    for (const hold of holds.values()) if (hold.channel === id) used += hold.held + hold.committed;
    const kept = Math.min(pool, Math.max(0, quota - used));
    pool -= kept;
    if (id !== channel) free -= kept;
  }
  return Math.max(0, free);
}

/** What a fact moves on hand; undefined for a count and for what is no fact. */
export function unitsMoved(command: StockCommand): number | undefined {
  switch (command.type) {
    case 'receipt':
    case 'adjustment':
    case 'transfer.receive':
      return command.quantity;
    case 'sale':
    case 'fulfilment':
    case 'transfer.dispatch':
      return -command.quantity;
    case 'transfer.over':
      return command.end === 'origin' ? -command.quantity : 0;
    case 'return':
      return command.disposition === 'writeOff' ? 0 : command.quantity;
    case 'disposition':
      return command.disposition === 'restock' ? 0 : -command.quantity;
    default:
      return undefined;
  }
}
