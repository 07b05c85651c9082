// The ERPs of the policy: one poster each, started and stopped as the policy changes. One that cannot be reached as it is set
// up says so in its state; it stops nobody else.

import type { Erp } from '../../adapters/erp/erp.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { ErpPolicy } from '../../domain/erp/policy.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { SECOND } from '../../domain/time.ts';
import type { RunnerTime } from '../../projections/time.ts';
import type { StockActors } from '../actors/answer.ts';
import { observeErpCalls } from '../observe/erp-calls.ts';
import { spansOf } from '../observe/spans.ts';
import type { ProcessBase } from '../process-room.ts';
import { createCalls } from './calls.ts';
import { rulesOf } from './entries.ts';
import type { Erps } from './erps.ts';
import { gaugeErps } from './gauges.ts';
import { Poster } from './poster.ts';
import { readErp } from './reading.ts';
import type { ErpStatus } from './status.ts';
import { unpostedOf } from './unposted.ts';

export interface ErpsRoom extends ProcessBase, RunnerTime {
  readonly actors: StockActors;
  readonly policy: () => Policy;
  readonly policies: { onChange(listener: () => void): () => void };
  readonly timers: Timers;
  readonly sink: CaseSink;
  readonly casePatienceMs: number;
  /** @throws Error that names what is missing */
  readonly connectErp: (policy: ErpPolicy) => Erp;
}

interface Running {
  readonly policy: ErpPolicy;
  readonly text: string;
  readonly erp: Erp | undefined;
  readonly poster: Poster | undefined;
  readonly failure: string | undefined;
  wake(): void;
}

const GRACE_MS = 5 * SECOND;

export function openErps(room: ErpsRoom): Erps {
  const running = new Map<string, Running>();
  let changing: Promise<unknown> = Promise.resolve();
  let closed = false;

  const follow = async () => {
    const wanted = new Map((closed ? [] : (room.policy().document.erps ?? [])).map((one) => [one.id, one]));
    const ending = [...running].filter(([id, { text }]) => text !== JSON.stringify(wanted.get(id)));
    await Promise.all(ending.map(([, { poster }]) => poster?.close(GRACE_MS)));
    for (const [id] of ending) running.delete(id);
    for (const [id, policy] of wanted) if (!running.has(id)) running.set(id, begin(policy, room));
  };
  const change = () => {
    changing = changing.then(follow).catch((error: unknown) => room.logger.error({ error: String(error) }, 'ERPs'));
    return changing;
  };
  const unsubscribe = room.policies.onChange(() => void change());
  void change();

  const erps: Erps = {
    ids: () => [...running.keys()],
    status(id) {
      const one = running.get(id);
      return one && (one.poster?.status() ?? failedStatus(one.failure));
    },
    parked: (id, limit) => running.get(id)?.poster?.parked(limit) ?? [],
    retry(id, sku) {
      const one = running.get(id);
      one?.wake();
      return one && (one.poster?.retry(sku) ?? 0);
    },
    async dismiss(id, asked) {
      const one = running.get(id);
      return one && (one.poster?.dismiss(asked) ?? { kind: 'away', reason: one.failure ?? 'it is not posted to' });
    },
    dismissed: (id, limit) => [...(running.get(id)?.poster?.book()?.dismissed.values() ?? [])].slice(0, limit),
    readBooks(id, location) {
      const one = running.get(id);
      const keeps = one?.policy.locations?.includes(location) ?? true;
      return keeps ? one?.erp?.readStatement(location) : undefined;
    },
    isElsewhere: (id) => running.get(id)?.poster?.book() === undefined && running.get(id)?.poster !== undefined,
    async unposted(id, sku, location) {
      const one = running.get(id);
      const book = one?.poster?.book();
      const stock = room.readModel.availability.stock(sku, location);
      if (one === undefined || book === undefined || stock === undefined) return undefined;
      return unpostedOf(
        { book, rules: rulesOf(one.policy), log: room.log },
        { sku, location, revision: stock.revision },
      );
    },
    async close() {
      closed = true;
      unsubscribe();
      await change();
    },
  };
  gaugeErps(room.telemetry, erps);
  return erps;
}

function begin(policy: ErpPolicy, room: ErpsRoom): Running {
  const text = JSON.stringify(policy);
  const nobody = { policy, text, erp: undefined, poster: undefined, wake() {} };
  try {
    const erp = room.connectErp(policy);
    const { log, hashes, timers, clock, random, sleep, atTurnEnd, soleWriter, sink, casePatienceMs } = room;
    let asked = new AbortController();
    const poster = new Poster({
      ...{ policy, erp, log, hashes, timers, sink, soleWriter, patienceMs: casePatienceMs },
      watch: observeErpCalls(spansOf(room.telemetry), policy),
      time: { clock, random, sleep: async (ms, signal) => sleep(ms, signal), atTurnEnd },
      follow: (held) =>
        readErp(
          {
            ...{ policy, erp, actors: room.actors, known: room.policy, clock },
            calls: (signal) =>
              createCalls({ timers, random, sleep, timeoutMs: policy.timeoutMs, ratePerSecond: undefined, signal }),
            async rest(ms, signal) {
              await sleep(ms, AbortSignal.any([signal, asked.signal]));
              const isAsked = asked.signal.aborted;
              if (isAsked) asked = new AbortController();
              return isAsked;
            },
          },
          held,
        ),
    });
    return { policy, text, erp, poster, failure: undefined, wake: () => asked.abort() };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    room.logger.error({ erp: policy.id, error: failure }, 'the ERP cannot be reached as it is set up');
    return { ...nobody, failure };
  }
}

function failedStatus(lastError: string | undefined): ErpStatus {
  return {
    ...{ state: 'failed', waiting: 0, oldestWaitingMs: 0, postedLastMinute: 0, posted: 0, parked: 0, lastError },
    ...{ lastPosted: undefined, nextTryAt: undefined, outageSince: undefined, upTo: undefined, lastReadAt: undefined },
  };
}
