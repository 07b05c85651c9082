// GET /v1/operations/overview: once, or live as server-sent events. A stream sends the newest figures when its reader takes
// them, at most once a second, so a slow reader misses some and holds up nothing. A key that expires ends its stream.
import { z } from 'zod';
import type { Client } from '../auth/keys.ts';
import type { Overview } from '../overview/overview.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, headerOf, json, type Route } from './api.ts';
import { readQuery } from './intake/query.ts';
import { overviewView } from './overview-view.ts';

const NoQuery = z.strictObject({});

export const OVERVIEW_ROUTES: readonly Route[] = [['get', '/v1/operations/overview', getOverview]];

/** Each costs a text of some KB a second. */
export const OVERVIEWS_MAX = { total: 50, perClient: 10 } as const;

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
  return isLive
    ? stream(api, api.overview, () => admit(api, c, 'availability:read', 0))
    : json(overviewView(api.overview, client, true));
}

/** @throws HttpProblem `too-many-open` */
function stream(api: Api, overview: Overview, clientNow: () => Client): Response {
  const leave = api.overviews.enter(clientNow().id);
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, api.stopping]);
  let tick: number | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const isFirst = tick === undefined;
        tick = isFirst ? 0 : await overview.next(tick!, signal);
        if (abort.signal.aborted) return;
        try {
          if (api.stopping.aborted) throw new HttpProblem('shutting-down', 'The server stops');
          const data = JSON.stringify(overviewView(overview, clientNow(), isFirst));
          controller.enqueue(Buffer.from(`${isFirst ? 'retry: 2000\n' : ''}event: overview\ndata: ${data}\n\n`));
        } catch (error) {
          leave();
          controller.close();
          // The key is not taken any more, or the server stops: whoever reads opens another one, and is told.
          if (!(error instanceof HttpProblem)) api.observe?.error?.(error, 'GET /v1/operations/overview');
        }
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
