// How the contract's checks ask: calls that must end in time and must not reject, and what a reply claims of each SKU.
import { expect } from 'vitest';
import type { Batch, Connector, Outcome, Reply, Update } from '../../../adapters/channels/channel.ts';
import type { CallKind } from '../../../adapters/channels/simulator/faults.ts';
import { outcomesOf } from '../../../adapters/publishing/call.ts';
import type { ChannelRig } from './rig.ts';

/** Why there is nothing to check, by what the adapter declares. Undefined: there is. */
export type Skip = (rig: ChannelRig) => string | undefined;

export interface Check {
  readonly name: string;
  readonly skip?: Skip;
  readonly run: (rig: ChannelRig) => Promise<void>;
}

export type Lane = 'publish' | 'bulk';

/** For what answers: the machine may be busy, and when it is not this costs nothing. */
export const PATIENT_MS = 20_000;
/** A call that was told to stop may take this long to do so. */
const STOP_MS = 3_000;
/** How long a simulator that was asked, and says nothing, is waited for. */
export const SILENCE_MS = 300;
let told = 0;

export interface Telling {
  readonly lane?: Lane;
  readonly version?: bigint;
  readonly batchId?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** No answer comes: it is waited for only so long after the simulator was asked. */
  readonly isSilent?: boolean;
}

export const nextVersion = (): bigint => BigInt(++told);

/** One call. Fails if it rejects, throws, or goes on after its deadline. */
export function tell(rig: ChannelRig, updates: readonly Update[], how: Telling = {}): Promise<Reply> {
  const { lane = 'publish', version = nextVersion(), timeoutMs, isSilent } = how;
  const batch: Batch = { batchId: how.batchId ?? `kit-${version}`, version, updates };
  const call = (connector: Connector, signal: AbortSignal) => {
    if (lane === 'publish') return connector.publish(batch, signal);
    if (connector.publishBulk === undefined) throw new Error('it declares a bulk lane and has no publishBulk');
    return connector.publishBulk(batch, signal);
  };
  const ask = (signal: AbortSignal) =>
    call(rig.connector, how.signal === undefined ? signal : AbortSignal.any([signal, how.signal]));
  return asked(rig, ask, lane, { timeoutMs, silentOf: isSilent ? [lane] : undefined });
}

export interface Patience {
  /** Default: long. */
  readonly timeoutMs?: number | undefined;
  /** Calls of these kinds are not answered: then it waits only a while after the first of them has arrived. */
  readonly silentOf?: readonly CallKind[] | undefined;
}

/** Fails if `ask` throws, rejects, or goes on after its deadline. A machine that is busy has time to ask. */
export async function asked<T>(
  rig: ChannelRig,
  ask: (signal: AbortSignal) => Promise<T>,
  what: string,
  { timeoutMs = PATIENT_MS, silentOf }: Patience = {},
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  if (silentOf === undefined) return inTime(() => ask(deadline), timeoutMs + STOP_MS, what);
  const silent = new AbortController();
  const arrived = () => rig.calls().filter(({ kind }) => silentOf.includes(kind)).length;
  const before = arrived();
  let since: number | undefined;
  const timer = setInterval(() => {
    if (arrived() > before) since ??= performance.now();
    if (since !== undefined && performance.now() - since >= SILENCE_MS) silent.abort();
  }, 10);
  try {
    return await inTime(() => ask(AbortSignal.any([deadline, silent.signal])), timeoutMs + STOP_MS, what);
  } finally {
    clearInterval(timer);
  }
}

/** Fails if `ask` throws, rejects or takes longer. */
async function inTime<T>(ask: () => Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} went on after its deadline`)), ms);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    throw new Error(`${what} must never reject, and did: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** What the reply claims of each SKU, in the order of the updates. */
export function claims(reply: Reply, updates: readonly Update[]): readonly Outcome['kind'][] {
  if (reply.kind === 'batchRefused') return updates.map(() => 'refused');
  const outcomes = outcomesOf(reply, updates);
  return updates.map(({ sku }) => outcomes.get(sku)!.kind);
}

export const unanimously = (reply: Reply, updates: readonly Update[]): string =>
  [...new Set(claims(reply, updates))].join(' and ');

/** Everything in a reply that people will read. */
export function reasonsOf(reply: object): readonly string[] {
  const reasons: string[] = [];
  if ('reason' in reply && typeof reply.reason === 'string') reasons.push(reply.reason);
  if ('outcomes' in reply && reply.outcomes instanceof Map) {
    for (const outcome of reply.outcomes.values()) reasons.push(...reasonsOf(outcome));
  }
  return reasons;
}

/** Told again until all is confirmed, as the publisher would, some times at most; then the channel shows it. */
export async function converges(rig: ChannelRig, updates: readonly Update[], lane: Lane = 'publish'): Promise<void> {
  let reply: Reply | undefined;
  for (let n = 0; n < TELLINGS_MAX; n += 1) {
    reply = await tell(rig, updates, { lane });
    if (unanimously(reply, updates) === 'confirmed') break;
  }
  expect(unanimously(reply!, updates), `told again when all is well: ${JSON.stringify(reasonsOf(reply!))}`).toBe(
    'confirmed',
  );
  await shows(rig, updates);
}
const TELLINGS_MAX = 4;

/** What was confirmed is shown; at once, unless acknowledged only means accepted. */
export async function shows(rig: ChannelRig, updates: readonly Update[]): Promise<void> {
  await settled(rig);
  const shown = Object.fromEntries(updates.map(({ sku }) => [sku, rig.shown(sku)]));
  expect(shown).toEqual(Object.fromEntries(updates.map(({ sku, units }) => [sku, units])));
}

export async function settled(rig: ChannelRig): Promise<void> {
  if (rig.connector.declares.acknowledgement === 'applied' && rig.settle === undefined) return;
  if (rig.settle === undefined) throw new Error('it only accepts: the rig needs settle()');
  await rig.settle();
}

/** Seeded listings with an update for each, all of which one call can take. */
export async function updatesOf(rig: ChannelRig, count: number, units: (n: number) => number): Promise<Update[]> {
  const { batchSizeMax, together } = rig.connector.declares;
  const skus = await rig.seed(Math.min(count, batchSizeMax), 1);
  return (together?.(skus) ?? skus).map((sku, n) => ({ sku, units: units(n) }));
}

export const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
