// Which stock events say that a channel changed by itself what it shows. It does so when it takes an order or units back,
// before we know; its report comes later, as a fact or a reservation that names it. These count and nothing else:
// - UnitsSold with a channel: the channel's own report of an order. Also when it uses up a reservation: whether the channel
//   lowered its figure then or at this moment is not known, and saying it once too often costs a line in a batch.
// - ReservationMade: every reservation is for a channel, and is its order, or a basket that it shows as gone.
// - ReservationReleased, ReservationExpired: a shop puts the units of a cancelled order or a left basket on sale again by itself,
//   also where our own figure stays 0 because more is promised than there is.
// - UnitsReturned with a channel: tills and shops put units back on their shelf as they take them back, also where they are
//   first to be looked at here, so that our own figure does not move.
// - BundleSold and BundleReservationMade: the same of a bundle, whose figure the channel lowered. Its components' events name
//   the channel too, and their figures are said once too often, which costs two lines more.
// FulfilmentConfirmed does not: what leaves the shelf was taken off when it was reserved. FactParked does not: it moves no
// stock until somebody has judged it, and until then fewer is the safe figure to show; judged, it is a sale as any other.
import { BUNDLE_EVENT_TYPES, BUNDLE_EVENT_VERSION, BUNDLE_UPCASTERS } from '../bundle/events.ts';
import { parseBundleStream } from '../bundle/stream.ts';
import type { RecordedEvent } from '../event-log.ts';
import {
  type HappeningOf,
  ORDER_EVENT_TYPES,
  ORDER_EVENT_VERSION,
  ORDER_UPCASTERS,
  type OrderEvent,
} from '../order/events.ts';
import { readStockEvent, STOCK_EVENT_VERSION } from '../stock/events.ts';
import { type ChannelId, parseStockStream, type Sku } from '../stock/stream.ts';
import { readVersioned } from '../versioned-event.ts';

export interface ChannelSale {
  readonly channel: ChannelId;
  readonly sku: Sku;
}

/**
 * The channel and SKU of such an event, undefined for every other event.
 * @throws UnknownEventVersion naming stream, revision, type and version
 */
export function channelSale(recorded: RecordedEvent): ChannelSale | undefined {
  if (recorded.type === 'BundleSold' || recorded.type === 'BundleReservationMade') return bundleSale(recorded);
  if (!CHANGING.has(recorded.type)) return undefined;
  const channel = sellerOf(recorded);
  if (channel === undefined) return undefined;
  const stock = parseStockStream(recorded.stream);
  return stock === undefined ? undefined : { channel, sku: stock.sku };
}

const CHANGING: ReadonlySet<string> = new Set([
  'UnitsSold',
  'UnitsReturned',
  'ReservationMade',
  'ReservationReleased',
  'ReservationExpired',
]);

/** An event of the version written now is not copied to be read: most sales are a till's, and name no channel. */
function sellerOf(recorded: RecordedEvent): ChannelId | undefined {
  if (recorded.data['v'] === STOCK_EVENT_VERSION) return recorded.data['channel'] as ChannelId | undefined;
  const event = readStockEvent(recorded);
  return 'channel' in event ? event.channel : undefined;
}

/**
 * The bundles of an order that was placed, or became more: the channel lowered theirs, and the reservations are of their components. A refused
 * request counts too, which costs a line more.
 * @throws UnknownEventVersion naming stream, revision, type and version
 */
export function bundlesOrdered(recorded: RecordedEvent): readonly ChannelSale[] {
  const order = readVersioned(recorded, ORDER_EVENT_VERSION, ORDER_EVENT_TYPES, ORDER_UPCASTERS);
  const { channel, lines } = order as unknown as HappeningOf<'OrderPlaced' | 'OrderLinesAdded'> & OrderEvent;
  return lines.flatMap(({ bundle }) => (bundle === undefined ? [] : { channel, sku: bundle.sku }));
}

function bundleSale(recorded: RecordedEvent): ChannelSale | undefined {
  const event = readVersioned(recorded, BUNDLE_EVENT_VERSION, BUNDLE_EVENT_TYPES, BUNDLE_UPCASTERS);
  const bundle = parseBundleStream(recorded.stream);
  const channel = event['channel'] as ChannelId | undefined;
  return bundle === undefined || channel === undefined ? undefined : { channel, sku: bundle.sku };
}
