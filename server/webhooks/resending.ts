// Events that were set aside and that somebody wants sent again, each by itself and out of its turn: between two others, so
// the receiver has one call at a time. What it answers says nothing of the event whose turn it is.
import type { Attempts } from '../../adapters/webhooks/attempts.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import type { Call } from './calls.ts';
import type { WebhookRecord } from './record.ts';

/** away: it was not called. */
export type Resent = { readonly kind: 'taken' } | { readonly kind: 'refused' | 'away'; readonly reason: string };

export interface Resending {
  /** Answers when it was sent, or cannot be. */
  ask(event: RecordedEvent): Promise<Resent>;
  /** Sends one; false: none was asked. @throws LostStream */
  sendNext(record: Pick<WebhookRecord, 'append'>): Promise<boolean>;
  /** None that was asked is sent. */
  giveUp(reason: string): void;
}

interface Asked {
  readonly event: RecordedEvent;
  readonly resolve: (resent: Resent) => void;
}

export function createResending(call: Call, attempts: Pick<Attempts, 'judge'>, clock: Clock): Resending {
  const asked: Asked[] = [];

  const resend = async ({ event, resolve }: Asked, record: Pick<WebhookRecord, 'append'>) => {
    const outcome = await call(event);
    if (outcome.kind !== 'taken') {
      // It is in trouble as a whole, whoever calls it.
      if (outcome.kind === 'failed' || outcome.kind === 'denied') attempts.judge(outcome);
      return resolve({ kind: 'refused', reason: outcome.reason });
    }
    resolve({ kind: 'taken' });
    const { id, position } = event;
    await record.append([{ type: 'WebhookResent', event: id, position: String(position), finishedAt: clock.now() }]);
  };
  return {
    ask: (event) => new Promise((resolve) => void asked.push({ event, resolve })),
    async sendNext(record) {
      const next = asked.shift();
      if (next !== undefined) await resend(next, record);
      return next !== undefined;
    },
    giveUp(reason) {
      for (const { resolve } of asked.splice(0)) resolve({ kind: 'away', reason });
    },
  };
}
