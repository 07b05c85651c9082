// A delivery by webhook: verified, then taken, or set aside durably; only then it is answered. What takes longer than a
// channel waits for its answer is set aside first and goes on behind the answer.
import type { InboundReply, Webhook, WebhookRequest } from '../../adapters/inbound/inbound.ts';
import type { RawMessage } from '../../domain/inbound/events.ts';
import type { Instant } from '../../domain/time.ts';
import { type Brought, type ChannelRoom, callSignal, takeAll, WAITING_MAX } from './channel-room.ts';
import { rawOf } from './raw-message.ts';
import { causeOf, setAsideEvents, settledEvents, webhookMessageId } from './set-aside.ts';
import { aside, type SetAside, type Verdict } from './verdict.ts';

/** Shopify waits 5 s, the least of all that are known; setting aside takes its part of that. */
const ANSWER_MS_MAX = 2_500;
/** Deliveries being taken at a time, of one channel. */
const OPEN_MAX = 64;

export type Received =
  /** Every command is durable, or the message is: it need not come again. */
  | 'taken'
  | 'unverified'
  /** It must come again. */
  | 'busy';

export interface WebhookStatus {
  readonly received: number;
  /** Without a valid signature, or stale. */
  readonly unverified: number;
  readonly lastReceivedAt: Instant | undefined;
  /** Why none can be verified, such as a secret that is not set. */
  readonly failure: string | undefined;
}

export interface Webhooks {
  /** @throws Unavailable · UnknownOutcome · Conflict when it can be neither taken nor set aside */
  receive(request: WebhookRequest, traceparent: string | undefined): Promise<Received>;
  status(): WebhookStatus;
}

export function createWebhooks(webhook: Webhook, room: ChannelRoom): Webhooks {
  let [open, received, unverified] = [0, 0, 0];
  let lastReceivedAt: Instant | undefined;
  let failure: string | undefined;
  const isVerified = (request: WebhookRequest): boolean => {
    try {
      const verified = webhook.verify(request, room.clock.now());
      failure = undefined;
      return verified;
    } catch (error) {
      // Such as a secret that is not set: for operations to see, nothing of it for whoever calls.
      if (failure === undefined) room.troubled('webhooks cannot be verified', error);
      failure = error instanceof Error ? error.message : String(error);
      return false;
    }
  };
  return {
    status: () => ({ received, unverified, lastReceivedAt, failure }),
    async receive(request, traceparent) {
      if (!isVerified(request)) {
        unverified += 1;
        return 'unverified';
      }
      received += 1;
      lastReceivedAt = room.clock.now();
      if (open >= OPEN_MAX || room.book.intake().waiting.size >= WAITING_MAX) return 'busy';
      open += 1;
      const work = translateAndTake(webhook, request, room, { by: 'webhook', traceparent }).finally(() => (open -= 1));
      const raw = rawOf(request, webhook.fields);
      return answered({ id: webhookMessageId(raw, room.hashes), raw, traceparent }, work, room);
    },
  };
}

interface Translated {
  readonly about: string;
  readonly verdict: Verdict;
}

/** A request as it may have to be kept. */
interface Delivery {
  readonly id: string;
  readonly raw: RawMessage;
  /** Kept with it: whoever takes it later goes on with its story. */
  readonly traceparent: string | undefined;
}

async function answered(delivery: Delivery, work: Promise<Translated>, room: ChannelRoom): Promise<Received> {
  const { id } = delivery;
  const answered = new AbortController();
  const inTime = await Promise.race([work, room.sleep(ANSWER_MS_MAX, answered.signal).then(() => undefined)]);
  answered.abort();
  if (inTime === undefined) {
    await setAside(delivery, 'a message', aside('later', 'it is being taken'), room);
    // Whatever comes of it: what waits is tried again until it is taken.
    void work.then(({ verdict }) => (verdict.kind === 'taken' ? settle(id, room) : undefined)).catch(() => {});
    return 'taken';
  }
  const { about, verdict } = inTime;
  if (verdict.kind === 'taken') {
    await settle(id, room);
    return 'taken';
  }
  // A busy server that can still write keeps it; one that cannot says so, by what this throws.
  const kept = verdict.kind === 'busy' ? aside('later', verdict.reason) : firstTry(verdict);
  await setAside(delivery, about, kept, room);
  return 'taken';
}

/** A message is called malformed after three tries: until then it may have been the channel's bad moment. */
function firstTry(verdict: SetAside): SetAside {
  return verdict.why === 'malformed' ? { ...verdict, why: 'later' } : verdict;
}

async function setAside(
  { id, raw, traceparent }: Delivery,
  about: string,
  verdict: SetAside,
  { book, channel, cases }: ChannelRoom,
): Promise<void> {
  const from = { kind: 'webhook', raw } as const;
  await book.record((intake) => setAsideEvents(intake, id, about, verdict, from), traceparent);
  const row = book.intake().waiting.get(id);
  const cause = row && causeOf(channel, row);
  if (cause !== undefined) cases.raise(cause);
}

/** It waited from an earlier delivery. */
async function settle(id: string, { book }: ChannelRoom): Promise<void> {
  if (book.intake().waiting.has(id)) await book.record((intake) => settledEvents(intake, id, 'taken'));
}

export async function translateAndTake(
  webhook: Webhook,
  request: WebhookRequest,
  room: ChannelRoom,
  brought: Brought,
): Promise<Translated> {
  let reply: InboundReply;
  try {
    reply = await webhook.translate(request, callSignal(room));
  } catch (error) {
    room.troubled('a webhook could not be translated', error);
    return { about: 'a message', verdict: aside('malformed', 'the adapter could not translate it') };
  }
  if (reply.kind === 'messages') return takeAll(reply.messages, room, brought);
  const reason = `${room.channel} could not be asked: ${reply.reason}`;
  return { about: 'a message', verdict: aside('later', reason) };
}
