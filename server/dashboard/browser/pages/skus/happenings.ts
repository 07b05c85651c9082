// The events of a stock in words, and the mark each has on the timeline: told by shape, then by colour.
import type { z } from 'zod';
import type { FigureTimeline } from '../../../../routes/openapi/sku-documents.ts';
import { count, instant } from '../../format.ts';

export type Timeline = z.infer<typeof FigureTimeline>;
export type Entry = Timeline['entries'][number];
export type Mark = 'in' | 'out' | 'set' | 'promise' | 'other' | 'policy';

/** Sign, what it stands for, token of its colour. */
export const MARKS: Readonly<Record<Mark, readonly [sign: string, meaning: string, colour: string]>> = {
  in: ['▲', 'came in', '--good'],
  out: ['▼', 'went out', '--series-2'],
  set: ['◆', 'counted or adjusted', '--series-4'],
  promise: ['●', 'promised or let go', '--series-3'],
  other: ['■', 'other', '--idle'],
  policy: ['┆', 'policy changed', '--idle'],
};

const EVENTS: Readonly<Record<string, readonly [Mark, words: string]>> = {
  ...{ UnitsReceived: ['in', 'received'], UnitsReturned: ['in', 'returned'] },
  ...{ TransferReceived: ['in', 'received by transfer'], UnitsSold: ['out', 'sold'] },
  ...{ FulfilmentConfirmed: ['out', 'sent'], TransferDispatched: ['out', 'dispatched by transfer'] },
  ...{ StockCounted: ['set', 'counted'], StockAdjusted: ['set', 'adjusted by'] },
  ...{ ReservationMade: ['promise', 'reserved'], ReservationRenewed: ['promise', 'reservation renewed'] },
  ...{ ReservationCommitted: ['promise', 'reservation made firm'], ReservationReleased: ['promise', 'let go'] },
  ...{
    ReservationExpired: ['promise', 'reservation expired'],
    TransferRequested: ['promise', 'set aside for a transfer'],
  },
  ...{ TransferCancelled: ['promise', 'transfer cancelled'], UnitsQuarantined: ['other', 'quarantined'] },
  ...{ QuarantineDisposed: ['other', 'out of quarantine'], TransferExpected: ['other', 'on their way here'] },
  ...{ TransferSettled: ['other', 'transfer arrived'], TransferShort: ['other', 'missing from a transfer'] },
  ...{ TransferOver: ['other', 'too many in a transfer'], StockFrozen: ['other', 'frozen'] },
  ...{ StockUnfrozen: ['other', 'unfrozen'], StockRetired: ['other', 'retired'] },
  ...{ StockReinstated: ['other', 'reinstated'], FactParked: ['other', 'set aside for people: its time'] },
};

export function markOf({ event }: Entry): Mark {
  return event === undefined ? 'policy' : (EVENTS[event.type]?.[0] ?? 'other');
}

/** `sold 2`; `policy spring-2 holds`. */
export function wordsOf({ event, policyVersion }: Entry): string {
  if (event === undefined) return `policy ${policyVersion ?? 'without this channel'} holds`;
  const { type, quantity, counted } = event;
  const units = counted ?? quantity;
  return `${EVENTS[type]?.[1] ?? type}${units === undefined ? '' : ` ${count(units)}`}`;
}

/** The whole of an entry in a sentence, for who cannot see the chart. */
export function sentenceOf(entry: Entry, now: number): string {
  const { at, event, onHand, reserved, units } = entry;
  const where = event?.location === undefined ? '' : ` at ${event.location}`;
  return `${instant(at, now)}: ${wordsOf(entry)}${where}; on-hand ${count(onHand)}, reserved ${count(reserved)}, ATS ${count(units)}`;
}

/** Stays the same when events come after it. */
export function keyOf({ at, event }: Entry): string {
  return event?.position ?? `policy ${at}`;
}
