// The figures of a comparison, once for all its formats: name, meaning, and value in each course.
import { type Outcome, type SellerOutcome, totalOf } from '../../../projections/what-if/outcome.ts';
import type { Comparison } from '../../../projections/what-if/what-if.ts';

export interface Figure {
  readonly name: string;
  readonly label: string;
  readonly inForce: number;
  readonly other: number;
}

type Of = (seller: SellerOutcome) => number;

const SELLER_FIGURES: readonly (readonly [name: string, label: string, of: Of])[] = [
  ['demandUnits', 'demand in the log, units', ({ demand }) => demand.units],
  ['oversoldUnits', 'oversold, units', ({ oversold }) => oversold.units],
  ['oversoldEvents', 'oversold, events', ({ oversold }) => oversold.events],
  ['refusedRequests', 'requests refused by the stock', ({ refused }) => refused.events],
  ['notShownEvents', 'orders not possible: fewer shown', ({ notShown }) => notShown.events],
  ['lostUnits', 'lost sales, units (both of these)', ({ refused, notShown }) => refused.units + notShown.units],
  ['heldBackUnits', '  of them the pool had, units', ({ heldBack }) => heldBack.units],
];

export function totals({ inForce, other }: Comparison): readonly Figure[] {
  const unseen = (outcome: Outcome) => [...outcome.channels.values()].reduce((sum, one) => sum + one.unseenUnits, 0);
  return [...ofSellers(totalOf(inForce.sellers), totalOf(other.sellers)), unseenFigure(unseen(inForce), unseen(other))];
}

/** By channel; '' for sales that name none. */
export function bySeller({ inForce, other }: Comparison): ReadonlyMap<string, readonly Figure[]> {
  const sellers = new Set([...inForce.sellers.keys(), ...inForce.channels.keys(), ...other.channels.keys()]);
  const none = totalOf(new Map());
  return new Map(
    [...sellers].sort().map((id) => {
      const figures = ofSellers(inForce.sellers.get(id) ?? none, other.sellers.get(id) ?? none);
      const [was, would] = [inForce.channels.get(id), other.channels.get(id)];
      if (was === undefined && would === undefined) return [id, figures.filter(({ name }) => !SHOWN_ONLY.has(name))];
      const shown = {
        name: 'meanShown',
        label: 'shown, units over all SKUs, mean',
        inForce: was?.shown.mean ?? 0,
        other: would?.shown.mean ?? 0,
      };
      return [id, [...figures, unseenFigure(was?.unseenUnits ?? 0, would?.unseenUnits ?? 0), shown]];
    }),
  );
}

/** They say nothing of tills. */
const SHOWN_ONLY: ReadonlySet<string> = new Set(['refusedRequests', 'notShownEvents', 'lostUnits', 'heldBackUnits']);

function ofSellers(inForce: SellerOutcome, other: SellerOutcome): Figure[] {
  return SELLER_FIGURES.map(([name, label, of]) => ({ name, label, inForce: of(inForce), other: of(other) }));
}

function unseenFigure(inForce: number, other: number): Figure {
  return { name: 'unseenUnits', label: 'unseen while 0 was shown, units (estimate)', inForce, other };
}

export const ASSUMPTIONS: readonly string[] = [
  'Demand is what the log holds: sales, and reservations when they were made. What the policy in force turned away is not in the log; "unseen" estimates it by the channel\'s own velocity while it showed 0.',
  "A sale that names no channel is a till's, and happens whatever is shown. A channel's order happens if the channel shows enough, a reservation if the stock grants it too. What does not happen takes its fulfilment, release or expiry with it, and its units stay on hand.",
  'Receipts, counts, adjustments, transfers, returns and their times are as recorded. A buyer who is turned away does not come back, and goes to no other channel or location.',
  'A channel shows a figure its publish lag after it came to be: the lag that the log measured last, or --lag where it measured none, also under the other policy. It takes off at once what it sells itself.',
  'Bundles are seen as the sales of their components.',
];
