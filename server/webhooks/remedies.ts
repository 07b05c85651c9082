// What `retry` does for the cases of a webhook: an event that was set aside is sent again by itself, and a receiver that takes
// nothing is called at once, also one that had said that it is gone.
import { type EventLog, START } from '../../domain/event-log.ts';
import type { Case } from '../../domain/exception/case.ts';
import { placeOf } from '../cases/poison.ts';
import type { Remedies, Tried } from '../cases/remedies.ts';
import { caseKey } from './cases.ts';
import type { Webhooks } from './webhooks.ts';

interface RemediedWebhooks {
  readonly webhooks: Pick<Webhooks, 'status' | 'replay' | 'resend'>;
  /** The policy has it, whichever process tells it. */
  readonly isKnown: (webhook: string) => boolean;
  readonly log: Pick<EventLog, 'read'>;
}

export function addWebhookRemedies(remedies: Pick<Remedies, 'add'>, room: RemediedWebhooks): void {
  const known = (remedy: (webhook: string, state: Case) => Promise<Tried>) => async (state: Case) => {
    const { source = '' } = state.subject;
    if (room.isKnown(source)) return remedy(source, state);
    return { isGone: true, detail: `the policy has no webhook ${source} any more` };
  };
  remedies.add(
    'poison-message',
    caseKey(''),
    known((webhook, state) => sendAgain(webhook, state, room)),
  );
  remedies.add(
    'breaker-open',
    caseKey(''),
    known((webhook, state) => callNow(webhook, state, room)),
  );
}

async function sendAgain(webhook: string, { subject }: Case, { webhooks, log }: RemediedWebhooks): Promise<Tried> {
  const place = subject.event ?? '';
  const [event] = await log.read(...placeOf(place), 1);
  if (event === undefined) return { isGone: false, detail: `there is no event ${place}` };
  const resent = (await webhooks.resend(webhook, event)) ?? AWAY;
  if (resent.kind === 'taken') return { isGone: true, detail: `${webhook} took ${event.type} ${place}` };
  const refused = resent.kind === 'refused' ? 'does not take it' : 'was not called';
  return { isGone: false, detail: `${webhook} ${refused}: ${resent.reason}` };
}
const AWAY = { kind: 'away', reason: 'this process does not tell it' } as const;

async function callNow(webhook: string, { id }: Case, { webhooks }: RemediedWebhooks): Promise<Tried> {
  const { state, upTo } = webhooks.status(webhook) ?? {};
  if (state === 'current' || state === 'sending') return { isGone: true, detail: `${webhook} takes events` };
  if (state === 'off') return { isGone: false, detail: `${webhook} is switched off by policy` };
  const after = upTo === undefined ? START : BigInt(upTo);
  const replay = await webhooks.replay(webhook, { after, by: 'evenstock', reason: `retry of ${id}` });
  if (replay?.kind !== 'begun') return { isGone: false, detail: `${webhook} was not called: ${AWAY.reason}` };
  return { isGone: false, detail: `${webhook} is called now; the case closes when it takes an event` };
}
