// /healthz: is the process alive (nothing else is asked). /readyz: can it take commands and answer reads.
// Neither asks for a key, so that a load balancer needs none; neither shows stock.
import type { Api } from './api.ts';

export function getHealth(): Response {
  return new Response('{"status":"ok"}', { status: 200, headers: HEADERS });
}

export async function getReadiness(api: Api): Promise<Response> {
  const { ready, checks } = await api.readiness();
  const isReady = ready && !api.stopping.aborted;
  const status = isReady ? 'ready' : api.stopping.aborted ? 'stopping' : 'not-ready';
  const headers = isReady ? HEADERS : { ...HEADERS, 'retry-after': '1' };
  return new Response(JSON.stringify({ status, checks }), { status: isReady ? 200 : 503, headers });
}

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;
