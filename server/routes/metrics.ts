// GET /metrics, for Prometheus. With a key of its own scope; where the server was told so, whoever asks from this machine
// needs none. A request that a proxy passed on is never taken for one from here.
import { isLoopback } from '../config.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, headerOf } from './api.ts';

const HEADERS = {
  // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
  'content-type': 'text/plain; version=0.0.4; charset=utf-8',
  'cache-control': 'no-store',
} as const;

export async function getMetrics(api: Api, c: ApiContext): Promise<Response> {
  const { metrics } = api;
  if (metrics === undefined) throw new HttpProblem('not-found', 'Metrics are not read here: METRICS is off');
  if (!(metrics.isOpenHere && isFromHere(c))) admit(api, c, 'metrics:read');
  return new Response(await metrics.scrape(), { status: 200, headers: HEADERS });
}

const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

function isFromHere(c: ApiContext): boolean {
  const address = c.env?.incoming?.socket.remoteAddress;
  if (address === undefined || PASSED_ON.some((name) => headerOf(c, name) !== undefined)) return false;
  return isLoopback(address.replace(/^::ffff:/, ''));
}
