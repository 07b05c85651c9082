// One event as the feed shows it, and which events a key may see at all.
import { parseBundleStream } from '../../domain/bundle/stream.ts';
import type { Json, JsonObject, RecordedEvent } from '../../domain/event-log.ts';
import { parseOrderStream } from '../../domain/order/workflow.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import { parseTransferStream } from '../../domain/transfer/workflow.ts';
import type { Client } from '../auth/keys.ts';
import { mayUseChannel, mayUseLocation } from '../auth.ts';

export type Sees = (event: RecordedEvent) => boolean;

/** What it may see, of all that a key may do. */
export type Viewer = Pick<Client, 'locations' | 'channels'>;

const CHANNEL_STREAM = /^channel-(.+)$/;

/** Some events are not shown to it. */
export function isLimited({ locations, channels }: Viewer): boolean {
  return locations !== 'all' || channels !== 'all';
}

/** Events of stocks, bundles and transfers by their location, of channels and orders by their channel; others without limits alone. */
export function visibleTo(client: Viewer): Sees {
  if (!isLimited(client)) return () => true;
  return ({ stream, data }) => {
    const stock = parseStockStream(stream) ?? parseBundleStream(stream);
    if (stock !== undefined) return mayUseLocation(client, stock.location);
    if (parseTransferStream(stream) !== undefined) return seesTransfer(client, data);
    const channel = parseOrderStream(stream) === undefined ? CHANNEL_STREAM.exec(stream)?.[1] : data['channel'];
    return typeof channel === 'string' && mayUseChannel(client, channel);
  };
}

/** Both ends may know what becomes of it. */
function seesTransfer(client: Viewer, { after }: JsonObject): boolean {
  const { from, to } = after as { readonly from: string; readonly to: string };
  return mayUseLocation(client, from) || mayUseLocation(client, to);
}

/** An event as the feed shows it, with its data as recorded. */
export function feedEvent(event: RecordedEvent): { readonly [name: string]: Json | undefined } {
  const { position, id, type, stream, revision, data, metadata } = event;
  return {
    position: position.toString(),
    id,
    type,
    stream,
    ...(parseStockStream(stream) ?? parseBundleStream(stream)),
    revision,
    data,
    metadata,
  };
}
