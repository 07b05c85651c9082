// Our side of a channel: its figures at the cut, what it was told and what it sold. A figure that changes while a large
// statement is compared is kept as it was, so all figures are of one position although the comparison gives way to others.
import type { ChannelPolicy, Policy } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { FigureChange, OwnSale } from '../../domain/reconciliation/known.ts';
import { readStockEvent, type StockEvent } from '../../domain/stock/events.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import type { Instant } from '../../domain/time.ts';
import type { Availability, StockRow } from '../../projections/availability.ts';
import type { PublishedReader } from '../../projections/published.ts';
import { readBackwards } from './backwards.ts';
import { figuresOfBundle, unitsSoldOf } from './bundle-side.ts';
import { figuresOfChannel } from './figures.ts';
import type { Side } from './side.ts';
import { readTellings } from './tellings.ts';

export interface ChannelSideRoom {
  readonly log: Pick<EventLog, 'read'>;
  readonly availability: Pick<Availability, 'position' | 'units' | 'skus' | 'stockOf' | 'onChange'>;
  readonly published: Pick<PublishedReader, 'channel' | 'shown'>;
  readonly isInFlight: (sku: string) => boolean;
  readonly policy: Policy;
  readonly giveWay: () => Promise<void>;
}

/** Sales looked at, of one stock. */
const SALES_MAX = 1_000;

/** `isTold`: it is published to, so it is judged by what it was told; else by our own figures. */
export function channelSide(room: ChannelSideRoom, channel: ChannelPolicy, isTold: boolean): Side {
  const { log, availability, published, isInFlight, policy, giveWay } = room;
  const cut = availability.position();
  /** Undefined: it had none. Only of figures that changed since the cut. */
  const before = new Map<string, number | undefined>();
  const had = new Set(availability.skus(channel.id));
  const leave = availability.onChange((changed, sku, was) => {
    if (changed !== channel.id || before.has(sku)) return;
    before.set(sku, had.has(sku) ? was : undefined);
  });
  const tellings = isTold ? readTellings(log, published, channel.id, cut, giveWay) : undefined;
  const unitsOf = (sku: string) => (before.has(sku) ? before.get(sku) : availability.units(channel.id, sku));
  const stocksOf = (sku: string) => availability.stockOf(sku).filter((row) => channel.locations.includes(row.location));

  const figuresSince = async (sku: string, asOf: Instant): Promise<readonly FigureChange[]> => {
    const ofStock = (own: string) => figuresOfChannel({ log, policy, cut }, channel, stocksOf(own), asOf);
    const bundle = policy.bundles.of(sku);
    if (bundle === undefined) return ofStock(sku);
    const ofComponents = bundle.components.map(async (part) => [part.sku, await ofStock(part.sku)] as const);
    return figuresOfBundle(bundle, new Map(await Promise.all(ofComponents)));
  };

  return {
    cut,
    figure: (sku) => ({ units: unitsOf(sku), hasMoved: false }),
    skus: () => had,
    async known(sku, asOf) {
      // First: what is in flight no more is in the log by now.
      const underWay = isTold && isInFlight(sku);
      const told = (await tellings?.of(sku, asOf)) ?? [];
      const figure = unitsOf(sku);
      const figures = isTold || figure === undefined ? [] : await figuresSince(sku, asOf);
      const bundle = policy.bundles.of(sku);
      // A bundle is taken from all its components at once: one of them tells.
      const stocks = stocksOf(bundle?.components[0]?.sku ?? sku);
      const unitsOfSale = unitsSoldOf(sku, bundle);
      const sales = told.length === 0 ? [] : await salesSince(log, channel.id, stocks, told[0]!.startedAt, unitsOfSale);
      const refused = isTold ? published.shown(channel.id, sku)?.refused : undefined;
      return { figure, isInFlight: underWay, refused, tellings: told, sales, figures };
    },
    close: leave,
  };
}

/** What the channel sold of the SKU and told us since `since`, oldest first by the time it happened. */
async function salesSince(
  log: Pick<EventLog, 'read'>,
  channel: string,
  stocks: readonly StockRow[],
  since: Instant,
  unitsOf: (event: StockEvent & { quantity: number }) => number,
): Promise<readonly OwnSale[]> {
  const sales: OwnSale[] = [];
  for (const { sku, location, revision } of stocks) {
    const stream = stockStream(sku, location);
    for await (const recorded of readBackwards(log, stream, revision, SALES_MAX)) {
      const event = readStockEvent(recorded);
      if (event.recordedAt < since) break;
      if ((event.type !== 'UnitsSold' && event.type !== 'ReservationMade') || event.channel !== channel) continue;
      const { occurredAt, recordedAt } = event;
      const units = unitsOf(event);
      if (units === 0) continue;
      sales.push({ units, occurredAt, recordedAt, event: `${stream}@${recorded.revision}` });
    }
  }
  return sales.sort((a, b) => a.occurredAt - b.occurredAt);
}
