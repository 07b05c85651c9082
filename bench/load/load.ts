// A closed loop of connections against one address: warms up, then counts answers and their latency in windows of
// equal length. After the last window every connection gets its answer before it closes, so what was accepted is known.
import { machineBusySeconds, type ProcessUse, processUse } from '../process-use.ts';
import { percentile } from '../statistics.ts';
import { type ConnectionEvents, openConnection } from './connection.ts';
import { createRequest, type RequestShape } from './request.ts';

export interface LoadOrder extends RequestShape {
  readonly connections: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly windows: number;
  /** Of the SKUs' order; not 0. */
  readonly seed: number;
  /** Processes whose CPU time is read at both ends of the windows, with their children. */
  readonly watch: readonly number[];
}

export interface LoadWindow {
  /** Commands answered a second. */
  readonly commandsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests measured. */
  readonly requests: number;
}

export interface LoadResult {
  readonly windows: readonly LoadWindow[];
  /** Requests answered with 200 and every command accepted, in the whole run, warm-up and end included. */
  readonly answered: number;
  /** Other statuses, and answers with a command that was not accepted. */
  readonly failures: Readonly<Record<string, number>>;
  readonly failureExample: string | undefined;
  /** The first answer with 200, head and the beginning of the body. */
  readonly firstAnswer: string;
  /** Cores used during the windows, 1 = one core busy all the time. */
  readonly ownCores: number;
  readonly watchedCores: number | undefined;
  /** What the rest of the machine used: more than a few tenths and the run is noisy. */
  readonly otherCores: number | undefined;
}

export function runLoad(order: LoadOrder): Promise<LoadResult> {
  const { connections, windows, windowMs } = order;
  const startAt = performance.now() + order.warmUpMs;
  const endAt = startAt + windows * windowMs;
  const latencies: number[][] = Array.from({ length: windows }, () => []);
  const failures: Record<string, number> = {};
  let failureExample: string | undefined;
  let firstAnswer = '';
  let answered = 0;
  let id = 0;
  const use = measureUse(order, startAt, endAt);
  const random = seeded(order.seed);

  const onAnswer: ConnectionEvents['answered'] = (status, isWhole, startedAt, text) => {
    const now = performance.now();
    if (status === 200 && isWhole) {
      answered += 1;
      if (firstAnswer === '') firstAnswer = text();
      const window = Math.floor((now - startAt) / windowMs);
      latencies[window]?.push(now - startedAt);
    } else {
      const kind = status === 200 ? '200, not all accepted' : String(status);
      failures[kind] = (failures[kind] ?? 0) + 1;
      failureExample ??= text();
    }
    return now < endAt;
  };

  return new Promise((resolve, reject) => {
    let open = connections;
    for (let n = 0; n < connections; n++) {
      const request = createRequest(order, () => ++id, random);
      openConnection(order.port, request, {
        answered: onAnswer,
        ended(error) {
          if (error !== undefined) reject(error);
          open -= 1;
          if (open > 0) return;
          const measured = latencies.map((times) => windowOf(times, windowMs, order.commands));
          use.then(
            (cores) => resolve({ windows: measured, answered, failures, failureExample, firstAnswer, ...cores }),
            reject,
          );
        },
      });
    }
  });
}

function windowOf(times: number[], windowMs: number, commands: number): LoadWindow {
  times.sort((a, b) => a - b);
  return {
    commandsPerSecond: (times.length * commands * 1_000) / windowMs,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    requests: times.length,
  };
}

async function measureUse(order: LoadOrder, startAt: number, endAt: number) {
  await sleepUntil(startAt);
  const read = () => ({ own: process.cpuUsage(), watched: usesOf(order.watch), busy: machineBusySeconds() });
  const before = read();
  const from = performance.now();
  await sleepUntil(endAt);
  const after = read();
  const seconds = (performance.now() - from) / 1_000;
  const cpuOf = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1e6;
  const ownCores = (cpuOf(after.own) - cpuOf(before.own)) / seconds;
  const watchedCores =
    before.watched === undefined || after.watched === undefined
      ? undefined
      : (after.watched.cpuSeconds - before.watched.cpuSeconds) / seconds;
  const otherCores =
    before.busy === undefined || after.busy === undefined
      ? undefined
      : Math.max(0, (after.busy - before.busy) / seconds - ownCores - (watchedCores ?? 0));
  return { ownCores, watchedCores, otherCores };
}

function usesOf(pids: readonly number[]): ProcessUse | undefined {
  const uses = pids.map((pid) => processUse(pid));
  return uses.reduce<ProcessUse | undefined>(
    (sum, use) =>
      sum === undefined || use === undefined
        ? undefined
        : { cpuSeconds: sum.cpuSeconds + use.cpuSeconds, residentBytes: sum.residentBytes + use.residentBytes },
    { cpuSeconds: 0, residentBytes: 0 },
  );
}

function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
}

/** xorshift32: the same SKUs in the same order for every side. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}
