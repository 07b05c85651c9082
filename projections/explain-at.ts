// An available-to-sell figure as it was at a time: folded from the streams it was made from, as far as they had been
// recorded by then, under the policy that was in force. The same arithmetic as the figures of now, but for the lag-priced buffer: what sold
// elsewhere and how far the channel lagged then would have to be folded from the whole log, so it is left out, and that said.
import { compilePolicy, type Policy } from '../domain/channel/policy.ts';
import { type EventLog, type Position, type RecordedEvent, START } from '../domain/event-log.ts';
import { stockStream } from '../domain/stock/stream.ts';
import type { Instant } from '../domain/time.ts';
import type { Explanation } from './availability.ts';
import { createAvailabilityView } from './availability-view.ts';
import { createPools } from './available-to-sell.ts';
import { withBundles } from './bundle-view.ts';
import { createStockLevels } from './stock-levels.ts';

export interface FigureAt {
  readonly channel: string;
  readonly sku: string;
  readonly at: Instant;
  /** In force then. */
  readonly policy: Policy;
}

const PAGE_EVENTS = 1_000;

/** Streams that are read for it: the pool's locations, for each component of a bundle. */
export function streamsOf({ channel, sku, policy }: Omit<FigureAt, 'at'>): readonly string[] {
  const skus = policy.bundles.of(sku)?.components.map((component) => component.sku) ?? [sku];
  const locations = policy.channel(channel)?.locations ?? [];
  return skus.flatMap((one) => locations.map((location) => stockStream(one, location)));
}

/**
 * Undefined: there was no such figure. Reads whole streams.
 * @throws Unavailable
 */
export async function explainAt(log: Pick<EventLog, 'read'>, figure: FigureAt): Promise<Explanation | undefined> {
  const { channel, sku, at } = figure;
  const policy = withoutLagPrice(figure.policy, channel);
  const levels = createStockLevels();
  let position: Position = START;
  for (const stream of streamsOf(figure)) {
    for await (const event of recordedUpTo(log, stream, at)) {
      levels.apply(event);
      if (event.position > position) position = event.position;
    }
  }
  const pools = createPools(levels, policy, position, () => {});
  const view = createAvailabilityView({ table: () => levels.table, pools: () => pools, position: () => position });
  const explained = withBundles(view, () => policy.bundles).explain(channel, sku);
  return explained === undefined || policy === figure.policy ? explained : { ...explained, lagPriceLeftOut: true };
}

function withoutLagPrice(policy: Policy, id: string): Policy {
  if (policy.channel(id)?.lagPriced === undefined) return policy;
  const channels = policy.channels.map((channel) =>
    channel.id === id ? { ...channel, lagPriced: undefined } : channel,
  );
  return compilePolicy({ ...policy.document, channels });
}

async function* recordedUpTo(log: Pick<EventLog, 'read'>, stream: string, at: Instant): AsyncGenerator<RecordedEvent> {
  for (let from = 0; ; from += PAGE_EVENTS) {
    const page = await log.read(stream, from, PAGE_EVENTS);
    for (const event of page) {
      // Log time only grows within a stream: nothing after this had been recorded.
      if (Number(event.data['recordedAt']) > at) return;
      yield event;
    }
    if (page.length < PAGE_EVENTS) return;
  }
}
