// What happened to a Vendure order, in terms that an order of Evenstock has: placed, fulfilled, cancelled whole or in part,
// returned. What Vendure adds to an order is placed as the next part of it, an order of its own: so every step is of the
// units that it was told of, and a later history only adds steps at the end.
import { stepOf, type Units, unitsOf, type VendureOrder } from './order.ts';

export type PartStep = { readonly part: number } & (
  | { readonly kind: 'place'; readonly units: Units }
  | { readonly kind: 'fulfil'; readonly fulfilment: string; readonly units: Units; readonly at: number }
  /** `units`: cancelled of the part in all; absent: all that is open. */
  | { readonly kind: 'cancel'; readonly entry?: string; readonly units?: Units }
  | { readonly kind: 'return'; readonly entry: string; readonly units: Units; readonly at: number }
);

interface Part {
  readonly number: number;
  /** Line → units that have not left. */
  readonly open: Map<string, number>;
  /** Line → units that were taken out. */
  readonly cancelled: Map<string, number>;
  /** Line → units that have left and not come back. */
  readonly sent: Map<string, number>;
}

/** Lines that one order of Evenstock can have. */
const LINES_MAX = 100;

/** @throws z.ZodError on a history entry that Vendure does not write so */
export function partSteps(order: VendureOrder): readonly PartStep[] {
  const story = createStory();
  story.place(new Map(order.lines.map(({ id, orderPlacedQuantity }) => [id, orderPlacedQuantity])));
  const additions = addedBy(order);
  const left = new Set<string>();
  for (const entry of order.history.items) {
    const step = stepOf(entry);
    if (step?.kind === 'moved') {
      const units = unitsOf(order.fulfillments?.find(({ id }) => id === step.fulfilment)?.lines ?? []);
      if (!left.has(step.fulfilment) && LEFT.has(step.to)) {
        left.add(step.fulfilment);
        story.send(units, step.fulfilment, entry.createdAt);
      } else if (left.has(step.fulfilment) && step.to === 'Cancelled') {
        // The parcel came back, and the units are still ordered.
        story.takeBack(units, entry.id, entry.createdAt);
        story.place(units);
      }
    }
    if (step?.kind === 'cancelled') story.takeBack(story.takeOut(step.units, entry.id), entry.id, entry.createdAt);
    if (step?.kind === 'modified') story.place(additions.get(step.modification) ?? new Map());
  }
  if (order.state === 'Cancelled') story.takeOutAll();
  return story.steps;
}
/** A parcel that is collected goes to `Delivered` at once. */
const LEFT: ReadonlySet<string> = new Set(['Shipped', 'Delivered']);

function createStory() {
  const steps: PartStep[] = [];
  const parts: Part[] = [];
  const place = (units: Units) => {
    const lines = [...units].filter(([, n]) => n > 0);
    for (let from = 0; from < lines.length; from += LINES_MAX) {
      const open = new Map(lines.slice(from, from + LINES_MAX));
      const part: Part = { number: parts.length + 1, open, cancelled: new Map(), sent: new Map() };
      parts.push(part);
      steps.push({ part: part.number, kind: 'place', units: new Map(open) });
    }
  };
  return {
    steps: steps as readonly PartStep[],
    place,
    /** From the oldest part on. */
    send(units: Units, fulfilment: string, at: number) {
      let rest = units;
      for (const { number, open, sent } of parts) {
        const taken = takeFrom(open, rest);
        rest = taken.rest;
        for (const [line, n] of taken.units) sent.set(line, (sent.get(line) ?? 0) + n);
        if (taken.units.size > 0) steps.push({ part: number, kind: 'fulfil', fulfilment, units: taken.units, at });
      }
    },
    /** Units that have not left are no longer ordered, of the newest part first. @returns those that had left */
    takeOut(units: Units, entry: string): Units {
      let rest = units;
      for (const { number, open, cancelled } of parts.toReversed()) {
        const taken = takeFrom(open, rest);
        rest = taken.rest;
        if (taken.units.size === 0) continue;
        for (const [line, n] of taken.units) cancelled.set(line, (cancelled.get(line) ?? 0) + n);
        steps.push({ part: number, kind: 'cancel', entry, units: new Map(cancelled) });
      }
      return rest;
    },
    takeOutAll() {
      for (const { number, open } of parts)
        if ([...open.values()].some((n) => n > 0)) steps.push({ part: number, kind: 'cancel' });
    },
    takeBack(units: Units, entry: string, at: number) {
      let rest = units;
      for (const { number, sent } of parts.toReversed()) {
        const taken = takeFrom(sent, rest);
        rest = taken.rest;
        if (taken.units.size > 0) steps.push({ part: number, kind: 'return', entry, units: taken.units, at });
      }
    },
  };
}

/** As many of `wanted` as there are; `from` has them no longer. */
function takeFrom(from: Map<string, number>, wanted: Units): { readonly units: Units; readonly rest: Units } {
  const units = new Map<string, number>();
  const rest = new Map<string, number>();
  for (const [line, n] of wanted) {
    const there = from.get(line) ?? 0;
    const taken = Math.min(n, there);
    if (taken > 0) units.set(line, taken);
    if (taken > 0) from.set(line, there - taken);
    if (n > taken) rest.set(line, n - taken);
  }
  return { units, rest };
}

/**
 * What each modification added. Where an item is added that the order has already, Vendure 3.7 notes the number added less
 * the number that was there before; where a line is changed, what it was changed by. The sum tells which it was.
 */
function addedBy(order: VendureOrder): ReadonlyMap<string, Units> {
  const added = new Map<string, Map<string, number>>(order.modifications.map(({ id }) => [id, new Map()]));
  const modified = order.history.items
    .map(stepOf)
    .flatMap((step) => (step?.kind === 'modified' ? [step.modification] : []));
  for (const { id: line, quantity, orderPlacedQuantity } of order.lines) {
    const sum = quantity - orderPlacedQuantity + cancelledOf(order, line);
    if (sum <= 0) continue;
    const noted = modified.flatMap((id) => {
      const lines = order.modifications.find((one) => one.id === id)?.lines ?? [];
      return lines.filter(({ orderLineId }) => orderLineId === line).map(({ quantity: n }) => [id, n] as const);
    });
    for (const [id, n] of splitSum(sum, noted, orderPlacedQuantity)) if (n > 0) added.get(id)?.set(line, n);
  }
  return added;
}

function splitSum(
  sum: number,
  noted: readonly (readonly [string, number])[],
  before: number,
): readonly (readonly [string, number])[] {
  const changes = noted.map(([id, n]) => [id, Math.max(0, n)] as const);
  if (totalOf(changes) === sum) return changes;
  let there = before;
  const additions = noted.map(([id, n]) => {
    const more = Math.max(0, n + there);
    there += more;
    return [id, more] as const;
  });
  if (totalOf(additions) === sum) return additions;
  return noted.slice(-1).map(([id]) => [id, sum]);
}

const totalOf = (units: readonly (readonly [string, number])[]) => units.reduce((sum, [, n]) => sum + n, 0);

function cancelledOf(order: VendureOrder, line: string): number {
  return order.history.items
    .map(stepOf)
    .reduce((sum, step) => sum + ((step?.kind === 'cancelled' && step.units.get(line)) || 0), 0);
}
