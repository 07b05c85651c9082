// GET /v1/availability/{channel}/{sku}/timeline: the last events of a SKU with on-hand, reserved and the channel's figure
// after each, under the policy of its moment: what `explain` says of now, for every moment at once.
import { z } from 'zod';
import { readStockEvent } from '../../domain/stock/events.ts';
import { LocationId, parseStockStream } from '../../domain/stock/stream.ts';
import { figureTimeline, type TimelineEntry } from '../../projections/figure-timeline.ts';
import { mayUseLocation, requireLocation, requireScope } from '../auth.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, charge, json } from './api.ts';
import { channelOf } from './availability.ts';
import { readQuery, segment, waitForPosition } from './intake/query.ts';
import { countTo, Position } from './openapi/parameters.ts';

const LIMIT_MAX = 1_000;

export const TimelineQuery = z.strictObject({
  after: Position.optional(),
  location: LocationId.optional().meta({ description: 'Only this location, and what it adds to the pool' }),
  limit: countTo(LIMIT_MAX, 1).default(200).meta({ description: 'The last events, at most' }),
});

/** As an explanation, it shows every location. */
export async function getFigureTimeline(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'availability:read');
  requireScope(client, 'stock:read');
  const channel = channelOf(api, c, client);
  const sku = segment(c, 'sku');
  const { after, location, limit } = readQuery(c, TimelineQuery);
  if (location !== undefined) requireLocation(client, location);
  await waitForPosition(api, after);
  const { availability } = api;
  const bundle = api.policy().bundles.of(sku);
  if (bundle !== undefined) {
    const components = bundle.components.map((component) => component.sku).join(', ');
    throw new HttpProblem('bundle-has-no-stock', `${sku} is a bundle of ${components}: ask for those`);
  }
  const rows = availability.stockOf(sku).filter((row) => location === undefined || row.location === location);
  const hidden = rows.find((row) => !mayUseLocation(client, row.location));
  if (hidden !== undefined) {
    const detail = `The timeline shows ${hidden.location}, and this key is limited to other locations; ask for one of yours`;
    throw new HttpProblem('forbidden', detail);
  }
  if (rows.length === 0) {
    const where = location === undefined ? 'any location' : location;
    throw new HttpProblem('unknown-stock', `Nothing has been recorded of SKU ${sku} at ${where}`);
  }
  charge(api, client, rows.length - 1);
  const asOf = availability.position();
  const stocks = rows.map((row) => ({ ...row, reservedBy: availability.reservedBy(sku, row.location) }));
  const asked = { channel, sku, stocks, location, limit, now: api.clock.now() };
  const { entries, isCut, lagPriceLeftOut } = await figureTimeline(api.log, api.processes.policies.history(), asked);
  const left = lagPriceLeftOut || undefined;
  return json({ channel, sku, location, asOf, entries: entries.map(view), isCut, lagPriceLeftOut: left });
}

function view({ at, event, ...figures }: TimelineEntry) {
  return { at: new Date(at).toISOString(), ...figures, ...(event !== undefined && { event: happening(event) }) };
}

/** Of an event what is worth a line; all of it is in the history of its stock. */
function happening(recorded: NonNullable<TimelineEntry['event']>) {
  const event = readStockEvent(recorded);
  const { type, occurredAt, source, levels } = event;
  return {
    ...{ type, location: parseStockStream(recorded.stream)?.location, source },
    occurredAt: new Date(occurredAt).toISOString(),
    quantity: 'quantity' in event ? event.quantity : undefined,
    counted: 'counted' in event ? event.counted : undefined,
    channel: 'channel' in event ? event.channel : undefined,
    reason: 'reason' in event ? event.reason : undefined,
    onHand: levels.onHand,
    ...{ revision: recorded.revision, position: recorded.position },
  };
}
