// GET /v1/operations/overview: once, or live as server-sent events. A stream sends the newest figures when its reader takes
// them, at most once a second, so a slow reader misses some and holds up nothing; keys that see the same share the text.
import { z } from 'zod';
import type { Client } from '../auth/keys.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, headerOf, json, type Route } from './api.ts';
import { readQuery } from './intake/query.ts';
import { overviewView } from './overview-view.ts';

const NoQuery = z.strictObject({});

export const OVERVIEW_ROUTES: readonly Route[] = [['get', '/v1/operations/overview', getOverview]];

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // Ask reverse proxies (nginx) not to hold it back.
  'x-accel-buffering': 'no',
} as const;

function getOverview(api: Api, c: ApiContext): Response {
  const client = admit(api, c, 'availability:read');
  readQuery(c, NoQuery);
  if (api.overview === undefined) throw new HttpProblem('unavailable', 'This server keeps no overview');
  const isLive = c.req.method === 'GET' && (headerOf(c, 'accept')?.includes('text/event-stream') ?? false);
  return isLive ? stream(api, api.overview, client) : json(overviewView(api.overview, client, true));
}

/** @throws HttpProblem `too-many-open` */
function stream(api: Api, overview: NonNullable<Api['overview']>, client: Client): Response {
  const leave = api.overviews.enter(client.id);
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, api.stopping]);
  let tick: number | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const isFirst = tick === undefined;
        tick = isFirst ? 0 : await overview.next(tick!, signal);
        if (abort.signal.aborted) return;
        if (api.stopping.aborted) {
          leave();
          controller.close();
          return;
        }
        const data = JSON.stringify(overviewView(overview, client, isFirst));
        controller.enqueue(Buffer.from(`${isFirst ? 'retry: 2000\n' : ''}event: overview\ndata: ${data}\n\n`));
      },
      cancel() {
        abort.abort();
        leave();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 200, headers: HEADERS });
}
