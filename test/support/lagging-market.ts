// A seeded retailer whose marketplace is behind: many SKUs of mixed velocity, Poisson sales at tills and at the
// marketplace, a publish lag that changes by the hour. Its log is as Evenstock would have recorded it under a policy
// without any buffer. What the marketplace shows is worked out here in another way than what-if does it.
import type { NewEvent, RecordedEvent } from '../../domain/event-log.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../domain/time.ts';
import { seeded } from './marketplace/world.ts';

export const MARKET = 'market';
export const MARKET_START: Instant = Date.UTC(2026, 10, 2);

export interface LaggingMarketSettings {
  readonly seed: number;
  readonly skus: number;
  readonly days: number;
  /** One is drawn for each hour. */
  readonly lagsMs: readonly number[];
}

export interface LaggingMarket {
  readonly events: readonly RecordedEvent[];
  readonly oversoldUnits: number;
  readonly from: Instant;
}

/** Of the window to look at: by then velocity is known. */
const FROM: Instant = MARKET_START + 1.25 * DAY;
const LOCATION = 'warehouse';

export function laggingMarket({ seed, skus, days, lagsMs }: LaggingMarketSettings): LaggingMarket {
  const random = seeded(seed);
  const end = MARKET_START + days * DAY;
  const hours = Array.from({ length: days * 24 }, () => lagsMs[Math.floor(random() * lagsMs.length)]!);
  const lagAt = (at: Instant) => hours[Math.min(hours.length - 1, Math.floor((at - MARKET_START) / HOUR))]!;
  const ends = hours.map((lagMs, n) => MARKET_START + (n + 1) * HOUR - lagMs);
  /** The marketplace has heard of everything up to then. */
  const heardUpTo = (at: Instant) => {
    const hour = Math.min(hours.length, Math.floor((at - MARKET_START) / HOUR));
    return Math.max(MARKET_START, at - lagAt(at), ...ends.slice(Math.max(0, hour - 3), hour));
  };
  const made: Made[] = [];
  let oversoldUnits = 0;
  for (let n = 0; n < skus; n++) {
    // From about one sale in two days to about 300 a day.
    const perDay = 0.5 * 600 ** random();
    oversoldUnits += tradeSku(`SKU-${n}`, perDay, end, heardUpTo, random, made);
  }
  for (let at = MARKET_START + 2 * MINUTE; at < end; at += 2 * MINUTE) made.push({ at, ...batch(at, lagAt(at)) });
  made.sort((a, b) => a.at - b.at);
  const revisions = new Map<string, number>();
  const events = made.map(({ at: _, stream, event }, n): RecordedEvent => {
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    return { ...event, id: `e-${n}`, stream, revision, position: BigInt(n + 1) };
  });
  return { events: [adopted(), ...events], oversoldUnits, from: FROM };
}

interface Made {
  readonly at: Instant;
  readonly stream: string;
  readonly event: Omit<NewEvent, 'id'>;
}

/** Units oversold in the window. */
function tradeSku(
  sku: string,
  perDay: number,
  end: Instant,
  heardUpTo: (at: Instant) => Instant,
  random: () => number,
  made: Made[],
): number {
  /** On-hand, and when it came to be; and the marketplace's own sales. */
  const past: { readonly at: Instant; readonly onHand: number }[] = [];
  const own: Instant[] = [];
  let onHand = 0;
  let oversoldUnits = 0;
  const record = (type: string, at: Instant, by: number, more: object = {}) => {
    onHand += by;
    past.push({ at, onHand });
    const levels = { onHand, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
    const data = {
      v: 1,
      commandId: '',
      source: 'world',
      occurredAt: at,
      recordedAt: at,
      quantity: Math.abs(by),
      levels,
      ...more,
    };
    made.push({ at, stream: stockStream(sku, LOCATION), event: { type, data, metadata: {} } });
  };
  const shown = (at: Instant): number => {
    const until = heardUpTo(at);
    const heard = past.findLast((one) => one.at <= until);
    if (heard === undefined) return 0;
    return Math.max(0, Math.max(0, heard.onHand) - own.filter((sale) => sale > heard.at).length);
  };
  // Half of the demand is the tills', half the marketplace's. A delivery twice a day fills up to less than is wanted until the next.
  const upTo = Math.ceil(perDay * 0.4) + 1;
  let delivery = MARKET_START;
  for (let at = MARKET_START; at < end; at += Math.max(1, Math.round(exponential(random, perDay / DAY)))) {
    for (; delivery <= at; delivery += DAY / 2) if (onHand < upTo) record('UnitsReceived', delivery, upTo - onHand);
    // Before the window it is quiet: the marketplace has heard of everything when it begins.
    if (at >= FROM - 2 * HOUR && at < FROM) continue;
    if (random() < 0.5) {
      if (onHand > 0) record('UnitsSold', at, -1);
    } else if (shown(at) > 0) {
      own.push(at);
      if (onHand <= 0 && at >= FROM) oversoldUnits += 1;
      record('UnitsSold', at, -1, { channel: MARKET });
    }
  }
  return oversoldUnits;
}

/** The time to the next of events that come at `rate` a millisecond. */
function exponential(random: () => number, rate: number): number {
  return -Math.log(1 - random()) / rate;
}

function batch(at: Instant, lagMs: number): Omit<Made, 'at'> {
  const frame = { v: 1, batchId: `b-${at}`, startedAt: at, finishedAt: at, version: '0', floor: '0', lagMs };
  const data = { ...frame, acknowledgement: 'applied', updates: [['SKU-0', 0, 'confirmed']], reasons: [] };
  return { stream: `channel-${MARKET}`, event: { type: 'AvailabilityPublished', data, metadata: {} } };
}

/** The policy that was in force. */
export function marketPolicy(version: string, channel: object = {}) {
  return { version, locations: [{ id: LOCATION }], channels: [{ id: MARKET, locations: [LOCATION], ...channel }] };
}

function adopted(): RecordedEvent {
  const data = { v: 1, version: 'in-force', recordedAt: MARKET_START - 1, document: marketPolicy('in-force') };
  return { id: 'p', type: 'PolicyAdopted', data, metadata: {}, stream: 'policy', revision: 0, position: 0n };
}
