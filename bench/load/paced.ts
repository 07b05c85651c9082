// Commands one by one at an even pace, whether or not the one before was answered: a shop's customers do not wait for each
// other. Latency counts from when a command was due, so a server that stands still is not spared (coordinated omission).
import { percentile } from '../statistics.ts';
import { commandText, skuName } from './request.ts';

export interface PacedOrder {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly perSecond: number;
  readonly skus: number;
  /** Makes the command ids unlike those of any other run. */
  readonly idPrefix: string;
}

export interface Paced {
  readonly commands: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Until `isOver` resolves. @throws Error when one is not accepted */
export async function runPaced(order: PacedOrder, isOver: Promise<unknown>): Promise<Paced> {
  const everyMs = 1_000 / order.perSecond;
  const latencies: number[] = [];
  const commands: Promise<void>[] = [];
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    // Timers are late now and then: what is due by then is sent at once.
    const timer = setInterval(() => {
      while (startedAt + commands.length * everyMs <= performance.now()) {
        const dueAt = startedAt + commands.length * everyMs;
        commands.push(sell(order, commands.length).then(() => void latencies.push(performance.now() - dueAt)));
        // It is thrown below.
        commands.at(-1)!.catch(() => {});
      }
    }, 1);
    const end = () => {
      clearInterval(timer);
      resolve();
    };
    isOver.then(end, end);
  });
  await Promise.all(commands);
  latencies.sort((a, b) => a - b);
  return { commands: latencies.length, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
}

async function sell({ port, headers, skus, idPrefix }: PacedOrder, n: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/commands`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    // A stride coprime to the number of SKUs.
    body: commandText('sale', `${idPrefix}${n}`, skuName((n * 7_919) % skus), new Date().toISOString()),
  });
  const text = await response.text();
  if (response.status !== 200 || !text.includes('"outcome":"accepted"')) {
    throw new Error(`a live command was answered ${response.status}: ${text.slice(0, 300)}`);
  }
}
