// A seller's location at Square: item variations with a count each, and orders of its till. Counts follow time as Square says
// it: a physical count holds as of when it occurred, and what was sold after that is taken off it, in whatever order
// they arrive.

export interface PosOrder {
  readonly id: string;
  readonly location: string;
  state: 'OPEN' | 'COMPLETED' | 'CANCELED';
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | undefined;
  paidAt: number | undefined;
  readonly lines: readonly PosLine[];
  /** Lines of other orders that came back in this one. */
  readonly returns: readonly PosLine[];
}

export interface PosLine {
  readonly uid: string;
  readonly variation: string;
  readonly quantity: number;
}

export interface Pos {
  readonly location: string;
  readonly variations: ReadonlySet<string>;
  readonly orders: ReadonlyMap<string, PosOrder>;
  /** Lists a variation with a count of now; answers its id. */
  list(units: number): string;
  /** Undefined: it has never been counted here. */
  units(variation: string): number | undefined;
  changedAt(variation: string): number;
  count(variation: string, units: number, occurredAt: number): void;
  /** Somebody books units in or out by hand. */
  adjust(variation: string, by: number): void;
  /** Rung up and paid at once, unless `isPaid` is false. Tills sell what they have, whatever the count says. */
  sell(
    lines: readonly { readonly variation: string; readonly units: number }[],
    how?: { isPaid?: boolean; at?: number },
  ): PosOrder;
  pay(order: string): void;
  cancel(order: string): void;
  /** Brings lines back, in an order of its own. */
  bringBack(lines: readonly PosLine[]): PosOrder;
}

interface Entry {
  readonly at: number;
  readonly units: number;
  readonly isCount: boolean;
}

export function createPos(now: () => number = Date.now, location = 'L88917AVBK2S5'): Pos {
  const entries = new Map<string, Entry[]>();
  const changed = new Map<string, number>();
  const orders = new Map<string, PosOrder>();
  const variations = new Set<string>();
  let ids = 0;
  const id = (prefix: string) => {
    ids += 1;
    return `${prefix}${String(ids).padStart(8, '0')}`;
  };
  const note = (variation: string, entry: Entry) => {
    const of = entries.get(variation) ?? [];
    of.push(entry);
    // Kept in the order of their time; of one time, in the order they came.
    of.sort((a, b) => a.at - b.at);
    const last = of.findLastIndex(({ isCount }) => isCount);
    // What lies a day before the last count can be overtaken no more: nothing older is taken.
    if (last > ENTRIES_KEPT) of.splice(0, last - ENTRIES_KEPT);
    entries.set(variation, of);
    changed.set(variation, now());
  };
  const units = (variation: string): number | undefined => {
    const of = entries.get(variation);
    const last = of?.findLastIndex(({ isCount }) => isCount) ?? -1;
    return of?.slice(Math.max(0, last)).reduce((sum, entry) => sum + entry.units, 0);
  };
  const move = (lines: readonly PosLine[], sign: 1 | -1, at: number) => {
    for (const { variation, quantity } of lines) note(variation, { at, units: sign * quantity, isCount: false });
  };
  const made = (order: Omit<PosOrder, 'id' | 'location'>): PosOrder => {
    const whole = { ...order, id: id('ORDER'), location };
    orders.set(whole.id, whole);
    return whole;
  };
  const found = (order: string): PosOrder => {
    const one = orders.get(order);
    if (one === undefined) throw new Error(`there is no order ${order}`);
    one.updatedAt = now();
    return one;
  };
  return {
    location,
    orders,
    variations,
    list(counted) {
      const variation = id('VARIATION');
      variations.add(variation);
      note(variation, { at: now(), units: counted, isCount: true });
      return variation;
    },
    units,
    changedAt: (variation) => changed.get(variation) ?? 0,
    count: (variation, counted, occurredAt) => note(variation, { at: occurredAt, units: counted, isCount: true }),
    adjust: (variation, by) => note(variation, { at: now(), units: by, isCount: false }),
    ...tillOf({ now, id, move, made, found }),
  };
}
const ENTRIES_KEPT = 200;

interface Drawer {
  readonly now: () => number;
  readonly id: (prefix: string) => string;
  move(lines: readonly PosLine[], sign: 1 | -1, at: number): void;
  made(order: Omit<PosOrder, 'id' | 'location'>): PosOrder;
  found(order: string): PosOrder;
}

function tillOf({ now, id, move, made, found }: Drawer): Pick<Pos, 'sell' | 'pay' | 'cancel' | 'bringBack'> {
  return {
    sell(wanted, { isPaid = true, at = now() } = {}) {
      const lines = wanted.map(({ variation, units: quantity }) => ({ uid: id('line'), variation, quantity }));
      if (isPaid) move(lines, -1, at);
      return made({
        ...{ state: isPaid ? 'COMPLETED' : 'OPEN', createdAt: at, updatedAt: now(), lines, returns: [] },
        ...{ closedAt: isPaid ? at : undefined, paidAt: isPaid ? at : undefined },
      });
    },
    pay(order) {
      const one = found(order);
      one.paidAt = now();
      move(one.lines, -1, one.paidAt);
    },
    cancel(order) {
      const one = found(order);
      one.state = 'CANCELED';
      one.closedAt = now();
      if (one.paidAt !== undefined) move(one.lines, 1, one.closedAt);
    },
    bringBack(lines) {
      const at = now();
      move(lines, 1, at);
      const returns = lines.map((line) => ({ ...line, uid: id('back') }));
      const times = { createdAt: at, updatedAt: at, closedAt: at, paidAt: at };
      return made({ state: 'COMPLETED', ...times, lines: [], returns });
    },
  };
}
