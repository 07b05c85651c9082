// What an event shows: causes of exception cases, and causes that are gone. A shortfall is a stock whose levels say
// oversold; a refused value is gone when the channel confirms one of the same SKU. Pure: the same event, the same causes.

import { parseBundleStream } from '../bundle/stream.ts';
import { type ChannelEventOf, parseChannelStream, readChannelEvent } from '../channel/events.ts';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import { plural } from '../plural.ts';
import { type Levels, oversold } from '../stock/levels.ts';
import { parseStockStream } from '../stock/stream.ts';
import type { CaseKind, Cause } from './cause.ts';

export interface Shown {
  readonly causes: readonly Cause[];
  readonly gone: readonly { readonly kind: CaseKind; readonly key: string }[];
}

const NOTHING: Shown = { causes: [], gone: [] };

/** Quick to ask: false for an event that shows nothing. */
export function mayShow({ stream, type }: RecordedEvent): boolean {
  return stream.startsWith('stock-') || type === 'BundleFactParked' || CHANNEL_TYPES.has(type);
}
const CHANNEL_TYPES: ReadonlySet<string> = new Set(['AvailabilityPublished', 'AvailabilityReadBack']);

/** @throws UnknownEventVersion for an event of a channel that this build does not know */
export function shownBy(event: RecordedEvent): Shown {
  const stock = parseStockStream(event.stream);
  if (stock !== undefined) return byStock(event, stock.sku, stock.location);
  const bundle = event.type === 'BundleFactParked' ? parseBundleStream(event.stream) : undefined;
  if (bundle !== undefined) {
    const subject = { ...bundle, source: String(event.data['source']), event: placeOf(event) };
    const cause = { ...parked(event, bundle.sku, bundle.location), subject, position: event.position };
    return { causes: [cause], gone: [] };
  }
  const channel = parseChannelStream(event.stream);
  if (channel === undefined || !CHANNEL_TYPES.has(event.type)) return NOTHING;
  const said = readChannelEvent(event);
  if (said.type === 'AvailabilityReadBack') return byReadBack(event, channel, said);
  return said.type === 'AvailabilityPublished' ? byChannel(event, channel, said) : NOTHING;
}

function byStock(event: RecordedEvent, sku: string, location: string): Shown {
  const { levels, source } = event.data as { readonly levels?: Levels; readonly source?: string };
  const seen = { position: event.position };
  const subject = { sku, location, source, event: placeOf(event) };
  const causes: Cause[] = [];
  if (event.type === 'FactParked') causes.push({ ...parked(event, sku, location), subject, ...seen });
  // Levels that are not whole are the read model's to report, as a poison message.
  if (levels === undefined) return { causes, gone: [] };
  const units = oversold(levels);
  const key = `stock:${sku}~${location}`;
  if (!(units > 0)) return { causes, gone: [{ kind: 'shortfall', key }] };
  causes.push({
    kind: 'shortfall',
    key,
    subject,
    detail: `${plural(units, `unit of ${sku} at ${location} is`, `units of ${sku} at ${location} are`)} promised or quarantined beyond what is there`,
    proposals: ['count the stock', 'transfer units from another location', 'cancel or re-source the youngest promise'],
    units,
    ...seen,
  });
  return { causes, gone: [] };
}

function parked(event: RecordedEvent, sku: string, location: string): Pick<Cause, 'kind' | 'key' | 'detail' | 'units'> {
  const { reason, fact, commandId } = event.data as {
    readonly reason?: string;
    readonly fact?: JsonObject;
    readonly commandId?: string;
  };
  // A bundle's event has only that of its fact.
  const occurredAt = event.data['occurredAt'] ?? fact?.['occurredAt'];
  const quantity = fact?.['quantity'];
  const when = typeof occurredAt === 'number' ? ` of ${new Date(occurredAt).toISOString()}` : '';
  const why = reason === 'from-the-future' ? 'lies ahead of our clock' : 'is older than duplicates can be told by';
  return {
    kind: 'too-old-fact',
    key: `fact:${sku}~${location}:${commandId}`,
    detail: `the ${String(fact?.['type'] ?? 'fact')}${when} (${commandId}) ${why}: it is kept and has moved nothing`,
    ...(typeof quantity === 'number' && quantity > 0 ? { units: quantity } : undefined),
  };
}

function byChannel(
  event: RecordedEvent,
  channel: string,
  { updates, reasons, readBack }: ChannelEventOf<'AvailabilityPublished'>,
): Shown {
  const causes: Cause[] = [];
  const gone: { kind: CaseKind; key: string }[] = [];
  for (const [sku, units, outcome, reason] of updates) {
    const key = refusedKey(channel, sku);
    // What is read back is told when it is shown.
    if (outcome === 'confirmed' && !readBack) gone.push({ kind: 'refused-publish', key });
    if (outcome !== 'refused') continue;
    const why = (reason === undefined ? undefined : reasons[reason]) ?? 'without a reason';
    causes.push({
      kind: 'refused-publish',
      key,
      subject: { sku, channel, event: placeOf(event) },
      detail: `${channel} refused ${plural(units, 'unit')} of ${sku}: ${why}`,
      proposals: ['list the SKU at the channel, then retry', 'take the SKU out of the channel'],
      units,
      position: event.position,
    });
  }
  return { causes, gone };
}

function byReadBack(
  event: RecordedEvent,
  channel: string,
  { values, reasons }: ChannelEventOf<'AvailabilityReadBack'>,
): Shown {
  const causes: Cause[] = [];
  const gone: { kind: CaseKind; key: string }[] = [];
  for (const [sku, units, shown, verdict, reason] of values) {
    const key = refusedKey(channel, sku);
    if (verdict === 'applied') gone.push({ kind: 'refused-publish', key });
    if (verdict !== 'abandoned') continue;
    const why = reason === undefined ? undefined : reasons[reason];
    const shows = `shows ${shown ?? 'no such SKU'}`;
    causes.push({
      kind: 'refused-publish',
      key,
      subject: { sku, channel, event: placeOf(event) },
      detail: `${channel} accepts ${plural(units, 'unit')} of ${sku} and ${shows}: ${why ?? 'again and again'}`,
      proposals: ['look at the listing at the channel, then retry', 'take the SKU out of the channel'],
      units,
      position: event.position,
    });
  }
  return { causes, gone };
}

export function refusedKey(channel: string, sku: string): string {
  return `channel:${channel}:sku:${sku}`;
}

function placeOf({ stream, revision }: RecordedEvent): string {
  return `${stream}@${revision}`;
}
