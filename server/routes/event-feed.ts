// The live form of GET /v1/events: server-sent events (HTML Standard §9.2). `id` is the position, so a client that
// reconnects with Last-Event-ID misses nothing and sees nothing twice. Pulled by the reader: one that is slow holds
// a batch here and no more. Heartbeats keep proxies from closing it, and carry the id past events the key may not see.
import type { Position, RecordedEvent } from '../../domain/event-log.ts';
import type { Client } from '../auth/keys.ts';
import type { Api } from './api.ts';
import { feedEvent, type Sees } from './feed-event.ts';

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // Ask reverse proxies (nginx) not to hold it back.
  'x-accel-buffering': 'no',
} as const;

/** @throws HttpProblem `too-many-open` */
export function eventFeed(api: Api, client: Client, after: Position, sees: Sees): Response {
  const leave = api.feeds.enter(client.id);
  const abort = new AbortController();
  const stop = () => abort.abort();
  api.stopping.addEventListener('abort', stop, { once: true });
  if (api.stopping.aborted) stop();
  const batches = api.log.subscribe(after, abort.signal)[Symbol.asyncIterator]();
  // Kept between pulls: a heartbeat must not lose the batch that is on its way.
  let coming: Promise<IteratorResult<readonly RecordedEvent[]>> | undefined;
  let hasGreeted = false;
  let hasLeft = false;

  const end = () => {
    stop();
    api.stopping.removeEventListener('abort', stop);
    // Lets go of what the subscription holds when nobody is waiting for its next batch.
    batches.return?.().catch(() => {});
    leave();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!hasGreeted) {
          hasGreeted = true;
          controller.enqueue(encode('retry: 2000\n\n'));
          return;
        }
        try {
          coming ??= batches.next();
          const batch = await firstOf(coming, api.limits.feedHeartbeatMs);
          if (hasLeft) return;
          if (batch === HEARTBEAT) {
            controller.enqueue(encode(': heartbeat\n\n'));
            return;
          }
          coming = undefined;
          if (batch.done) {
            end();
            controller.close();
            return;
          }
          controller.enqueue(encode(frames(batch.value, sees)));
        } catch (error) {
          if (hasLeft) return;
          end();
          // The log went away: the client reconnects from its last id. Nothing was skipped, so nothing is an error.
          api.observe?.error?.(error, 'GET /v1/events');
          controller.close();
        }
      },
      cancel() {
        hasLeft = true;
        end();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 200, headers: HEADERS });
}

/** The visible events, and then the position reached, when the last ones were not visible. */
function frames(events: readonly RecordedEvent[], sees: Sees): string {
  let text = '';
  let isLastShown = true;
  for (const event of events) {
    isLastShown = sees(event);
    if (isLastShown) {
      text += `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(feedEvent(event))}\n\n`;
    }
  }
  // An id without data moves the client's last event id and dispatches nothing (§9.2.6).
  return isLastShown ? text : `${text}id: ${events.at(-1)?.position}\n\n`;
}

const HEARTBEAT = Symbol('heartbeat');

async function firstOf<T>(promise: Promise<T>, ms: number): Promise<T | typeof HEARTBEAT> {
  const { promise: beat, resolve } = Promise.withResolvers<typeof HEARTBEAT>();
  const timer = setTimeout(resolve, ms, HEARTBEAT);
  try {
    return await Promise.race([promise, beat]);
  } finally {
    clearTimeout(timer);
  }
}

function encode(text: string): Uint8Array {
  return Buffer.from(text);
}
