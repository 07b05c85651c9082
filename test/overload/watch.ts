// Looks at the server each second while it is overloaded, as those do who are not part of the crowd: a load balancer that
// asks for its health over a new connection each time, operations with their overview, a dashboard that follows it live.
import { Agent, request } from 'node:http';
import type { Second } from './crowd/tally.ts';
import type { Probed } from './probe.ts';
import type { Served, Surroundings } from './served.ts';

/** NaN: it did not answer within ten seconds, or not with 200. */
export interface Moment {
  readonly minute: number;
  readonly crowd: Second;
  readonly probed: Probed;
  readonly healthMs: number;
  readonly overviewMs: number;
  /** SKUs that channels must still be told, all together. */
  readonly backlog: number;
  /** How far the figures are behind the log. */
  readonly projectionLagMs: number;
  /** Commands that stocks have not answered; orders that are open, and that still owe something. */
  readonly waiting: number;
  readonly ordersOpen: number;
  readonly ordersOwing: number;
  /** Figures that the live dashboard was sent so far. */
  readonly told: number;
}

export interface Watch {
  readonly moments: readonly Moment[];
  /** What the crowd saw in the last second: makes a moment of it. */
  take(crowd: Second): Moment | undefined;
  close(): void;
}

const EVERY_MS = 1_000;
export const PATIENCE_MS = 10_000;

interface Asked {
  readonly tookMs: number;
  readonly text: string;
}

export function startWatch(served: Served, { keys }: Surroundings): Watch {
  const startedAt = performance.now();
  const moments: Moment[] = [];
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const metrics = new Agent({ keepAlive: true, maxSockets: 1 });
  let isOver = false;
  let [health, overview] = [Number.NaN, Number.NaN];
  let figures = { backlog: 0, projectionLagMs: 0 };
  let counts = { waiting: 0, ordersOpen: 0, ordersOwing: 0 };
  const each = async (look: () => Promise<void>) => {
    while (!isOver) {
      const from = performance.now();
      await look();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, EVERY_MS - (performance.now() - from))));
    }
  };
  void each(async () => {
    health = (await ask(`${served.url}/healthz`))?.tookMs ?? Number.NaN;
  });
  void each(async () => {
    const answer = await ask(`${served.url}/v1/operations/overview`, keys.operator, kept);
    overview = answer?.tookMs ?? Number.NaN;
    if (answer !== undefined) figures = figuresOf(answer.text);
  });
  void each(async () => {
    const answer = await ask(`${served.url}/metrics`, undefined, metrics);
    if (answer !== undefined) counts = countsOf(answer.text);
  });
  const dashboard = follow(served, keys.operator);
  return {
    moments,
    take(crowd) {
      const probed = served.probed();
      if (probed === undefined) return undefined;
      const minute = (performance.now() - startedAt) / 60_000;
      const seen = { healthMs: health, overviewMs: overview, ...figures, ...counts, told: dashboard.told() };
      const moment = { minute, crowd, probed, ...seen };
      moments.push(moment);
      return moment;
    },
    close() {
      isOver = true;
      dashboard.close();
      kept.destroy();
      metrics.destroy();
    },
  };
}

/** Undefined: not answered with 200 in time. Without an agent over a connection of its own. */
function ask(url: string, key?: string, agent?: Agent): Promise<Asked | undefined> {
  const from = performance.now();
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const asking = request(url, { headers, agent: agent ?? false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve(response.statusCode === 200 ? { tookMs: performance.now() - from, text } : undefined),
      );
      response.on('error', () => resolve(undefined));
    });
    asking.on('error', () => resolve(undefined));
    asking.end();
  });
}

interface OverviewJson {
  readonly channels: readonly { readonly publishing?: { readonly backlog: number; readonly inFlight: number } }[];
  readonly projections: { readonly lagMs: number };
}

function figuresOf(text: string) {
  const { channels, projections } = JSON.parse(text) as OverviewJson;
  const backlog = channels.reduce((sum, { publishing: p }) => sum + (p === undefined ? 0 : p.backlog + p.inFlight), 0);
  return { backlog, projectionLagMs: projections.lagMs };
}

function countsOf(text: string) {
  const value = (name: string) =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    waiting: value('evenstock_commands_waiting'),
    ordersOpen: value('evenstock_orders_open'),
    ordersOwing: value('evenstock_orders_owing'),
  };
}

/** A dashboard that reads what it is sent, and comes again when its stream ends. */
function follow({ url }: Served, key: string) {
  const stop = new AbortController();
  let told = 0;
  const open = async () => {
    const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
    const response = await fetch(`${url}/v1/operations/overview`, { headers, signal: stop.signal });
    for await (const part of response.body!)
      told += Buffer.from(part).toString('latin1').split('event: overview').length - 1;
  };
  const again = async () => {
    while (!stop.signal.aborted) {
      await open().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };
  void again();
  return { told: () => told, close: () => stop.abort() };
}
