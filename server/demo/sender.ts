// Sends the demo's commands over HTTP, counts what came of them and writes down what was acknowledged. One in twenty
// is sent twice, as real systems do.
import type { StockCommandJson } from '../../domain/stock/commands.ts';
import type { Journal } from './journal.ts';

export interface Tally {
  sent: number;
  accepted: number;
  duplicates: number;
  /** Requests refused, such as a reservation of the last unit that somebody else got. */
  refused: number;
  failed: number;
  marketplaceOrders: number;
}

export type CommandFields = StockCommandJson extends infer C
  ? C extends unknown
    ? Omit<C, 'id' | 'occurredAt'>
    : never
  : never;

export interface SenderOptions {
  readonly url: string;
  readonly key: string;
  readonly random: () => number;
  readonly journal: Journal;
}

export interface Sender {
  readonly tally: Tally;
  /** An id nobody else has. */
  nextId(what: string): string;
  /** True when it was accepted. */
  send(fields: CommandFields, id?: string): Promise<boolean>;
  /** Lets `idle` wait for more than the sending itself. */
  track<T>(work: Promise<T>): Promise<T>;
  idle(): Promise<void>;
}

const DUPLICATE_SHARE = 0.05;
const REQUEST_MS_MAX = 5_000;

export function createSender(options: SenderOptions): Sender {
  const tally: Tally = { sent: 0, accepted: 0, duplicates: 0, refused: 0, failed: 0, marketplaceOrders: 0 };
  const run = Date.now().toString(36);
  const inFlight = new Set<Promise<unknown>>();
  let number = 0;

  const nextId = (what: string) => {
    number += 1;
    return `${what}-${run}-${number}`;
  };
  const track = <T>(work: Promise<T>): Promise<T> => {
    const tracked = work.finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
    return tracked;
  };
  return {
    tally,
    nextId,
    track,
    async send(fields, id = nextId('demo')) {
      const command = { ...fields, id, occurredAt: new Date().toISOString() };
      const times = options.random() < DUPLICATE_SHARE ? 2 : 1;
      const answers = await Promise.all(Array.from({ length: times }, () => track(post(command, options, tally))));
      return answers.some(Boolean);
    },
    async idle() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

async function post(command: unknown, { url, key, journal }: SenderOptions, tally: Tally): Promise<boolean> {
  tally.sent += 1;
  try {
    const response = await fetch(`${url}/v1/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(command),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
    const answer = (await response.json()) as { readonly duplicate?: boolean; readonly commandId: string };
    if (response.ok) {
      tally[answer.duplicate ? 'duplicates' : 'accepted'] += 1;
      journal.acknowledged(answer.commandId);
      return true;
    }
    if (response.status === 409) tally.refused += 1;
    else failed(tally, `${response.status} ${JSON.stringify(answer)}`);
  } catch (error) {
    failed(tally, String(error));
  }
  return false;
}

function failed(tally: Tally, why: string): void {
  tally.failed += 1;
  if (tally.failed <= FAILURES_TOLD) process.stderr.write(`failed: ${why}\n`);
}
const FAILURES_TOLD = 5;
