// The webhooks of the policy: one deliverer each, started and stopped as the policy changes. One that cannot be called says so
// in its state. None waits for another: one that ends lets its call under way end, and meanwhile the others go on and begin.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Attempts } from '../../adapters/webhooks/attempts.ts';
import type { Sender } from '../../adapters/webhooks/sender.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { SECOND } from '../../domain/time.ts';
import type { WebhookPolicy } from '../../domain/webhook/policy.ts';
import type { RunnerTime } from '../../projections/time.ts';
import { observeSender } from '../observe/deliveries.ts';
import { spansOf } from '../observe/spans.ts';
import type { ProcessBase } from '../process-room.ts';
import { Deliverer } from './deliverer.ts';
import { gaugeWebhooks } from './gauges.ts';
import type { Webhooks } from './webhooks.ts';

/** How one webhook is called, and when again. */
export type ConnectWebhook = (webhook: WebhookPolicy) => { readonly sender: Sender; readonly attempts: Attempts };

export interface WebhooksRoom extends Omit<ProcessBase, 'readModel'>, RunnerTime {
  readonly policy: () => { readonly document: Pick<Policy['document'], 'webhooks'> };
  readonly policies: { onChange(listener: () => void): () => void };
  readonly timers: Timers;
  readonly sink: CaseSink;
  readonly casePatienceMs: number;
  readonly connectWebhook: ConnectWebhook;
}

interface Running {
  readonly text: string;
  readonly deliverer: Deliverer;
}

const GRACE_MS = 5 * SECOND;

export function openWebhooks(room: WebhooksRoom): Webhooks {
  const running = new Map<string, Running>();
  let changing: Promise<unknown> = Promise.resolve();
  let closed = false;

  const wanted = () => (closed ? [] : (room.policy().document.webhooks ?? []));
  const beginMissing = () => {
    for (const policy of wanted()) if (!running.has(policy.id)) running.set(policy.id, begin(policy, room));
  };

  const follow = async () => {
    const texts = new Set(wanted().map((policy) => JSON.stringify(policy)));
    const ending = [...running].filter(([, { text }]) => !texts.has(text));
    beginMissing();
    const end = async ([id, { deliverer }]: (typeof ending)[number]) => {
      await deliverer.close(GRACE_MS);
      running.delete(id);
      beginMissing();
    };
    await Promise.all(ending.map(end));
  };
  const change = () => {
    changing = changing
      .then(follow)
      .catch((error: unknown) => room.logger.error({ error: String(error) }, 'the webhooks could not be changed'));
    return changing;
  };
  const unsubscribe = room.policies.onChange(() => void change());
  void change();

  const webhooks: Webhooks = {
    ids: () => wanted().flatMap(({ id }) => (running.has(id) ? [id] : [])),
    status: (id) => running.get(id)?.deliverer.status(),
    replay: async (id, asked) => running.get(id)?.deliverer.replay(asked),
    resend: async (id, event) => running.get(id)?.deliverer.resend(event),
    async close() {
      closed = true;
      unsubscribe();
      await change();
    },
  };
  gaugeWebhooks(room.telemetry, webhooks);
  return webhooks;
}

function begin(policy: WebhookPolicy, room: WebhooksRoom): Running {
  const { log, hashes, timers, clock, random, sleep, atTurnEnd, soleWriter, sink, casePatienceMs } = room;
  const { sender, attempts } = room.connectWebhook(policy);
  const deliverer = new Deliverer({
    sender: observeSender(spansOf(room.telemetry), policy, sender),
    ...{ policy, attempts, log, hashes, timers, sink, soleWriter, patienceMs: casePatienceMs },
    time: { clock, random, sleep: async (ms, signal) => sleep(ms, signal), atTurnEnd },
  });
  return { text: JSON.stringify(policy), deliverer };
}
