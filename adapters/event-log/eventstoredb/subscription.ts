// Catch-up subscription to `$all` without system events (the server filters them out). Pull-based: what the consumer has not
// asked for stays on the server, beyond two buffers of EVENTS_BUFFERED_MAX. Not resumed here: when the server drops it, it throws
// Unavailable and the consumer subscribes again from its own checkpoint. Silence is watched by the consumer, who knows the head.
import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  START as START_OF_LOG,
  streamNameFilter,
} from '@eventstore/db-client';
import { type Position, type RecordedEvent, START, Unavailable } from '../../../domain/event-log.ts';
import type { Connection } from './connection.ts';
import { readFailure } from './errors.ts';
import { recorded } from './recorded.ts';

const EVENTS_BUFFERED_MAX = 500;
/** Events the server looks at before it answers a page: more than its default of 32, because links make up most of some logs. */
const SEARCH_WINDOW = 500;

export async function* subscribeAfter(
  connection: Connection,
  after: Position,
  signal: AbortSignal,
  closing: AbortSignal,
): AsyncGenerator<readonly RecordedEvent[]> {
  if (signal.aborted) return;
  const ended = AbortSignal.any([signal, closing]);
  const subscription = open(connection, after);
  // An error that the client emits after the loop was left would have no listener, and end the process.
  subscription.on('error', () => undefined);
  const stop = () => subscription.destroy();
  ended.addEventListener('abort', stop, { once: true });
  let last = after;
  try {
    for await (const resolved of subscription) {
      const batch = buffered(subscription, resolved as AllStreamResolvedEvent, last);
      last = batch.at(-1)?.position ?? last;
      if (batch.length > 0) yield batch;
      if (ended.aborted) break;
    }
  } catch (error) {
    if (!ended.aborted) throw readFailure(error, 'the subscription to $all was dropped');
  } finally {
    ended.removeEventListener('abort', stop);
    // Destroying the subscription leaves the call under it open on the server; only unsubscribe ends it.
    void subscription.unsubscribe().catch(() => undefined);
  }
  if (signal.aborted) return;
  if (closing.aborted) throw new Unavailable('closed', 'the event log is closed');
  throw new Unavailable('down', 'EventStoreDB ended the subscription to $all');
}

function open(connection: Connection, after: Position): AllStreamSubscription {
  return connection.client().subscribeToAll(
    {
      // Unlike a read, a subscription starts after the position given.
      fromPosition: after === START ? START_OF_LOG : { commit: after, prepare: after },
      resolveLinkTos: false,
      filter: streamNameFilter({ regex: '^[^$]', maxSearchWindow: SEARCH_WINDOW }),
    },
    { highWaterMark: EVENTS_BUFFERED_MAX },
  );
}

/** `first` and what has already arrived after it. What was delivered before (`last` and earlier) is left out. */
function buffered(
  subscription: AllStreamSubscription,
  first: AllStreamResolvedEvent,
  last: Position,
): readonly RecordedEvent[] {
  const batch: RecordedEvent[] = [];
  let newest = last;
  for (
    let next: AllStreamResolvedEvent | null = first;
    next !== null;
    next = batch.length < EVENTS_BUFFERED_MAX ? subscription.read() : null
  ) {
    const event = recorded(next);
    if (event === undefined || event.position <= newest) continue;
    newest = event.position;
    batch.push(event);
  }
  return batch;
}
