// One channel's intake: its webhook, its poll, and what waits, over one book. Opened when a policy names a connector that
// something comes in by, closed when it does not any more.
import type { Inbound, WebhookRequest } from '../../adapters/inbound/inbound.ts';
import type { Waiting } from '../../domain/inbound/intake.ts';
import type { StoredIntake } from '../../projections/inbound.ts';
import { type BookRoom, openBook } from './book.ts';
import type { ChannelRoom } from './channel-room.ts';
import { type Poller, type PollStatus, startPoller } from './poller.ts';
import { type Retaking, startRetaking } from './retaking.ts';
import { createWebhooks, type Received, type WebhookStatus, type Webhooks } from './webhooks.ts';

export interface InboundStatus {
  /** Why nothing comes in at all, such as a secret that is not set. */
  readonly failure?: string | undefined;
  readonly webhook?: WebhookStatus | undefined;
  readonly poll?: PollStatus | undefined;
  /** Messages that wait. */
  readonly waiting: number;
  /** Of them the oldest, at most 20. */
  readonly oldest: readonly Waiting[];
}

export interface InboundChannel {
  /** @throws Unavailable · UnknownOutcome · Conflict */
  receive(request: WebhookRequest, traceparent: string | undefined): Promise<Received>;
  wake: Retaking['wake'];
  /** How many of those that `concerns` wait no more. */
  retake(
    concerns: (waiting: Waiting) => boolean,
    traceparent?: string,
  ): Promise<{ readonly tried: number; readonly taken: number }>;
  poke(): void;
  status(): InboundStatus;
  close(): Promise<void>;
}

export type ChannelParts = Omit<ChannelRoom, 'inbound' | 'book' | 'closing'> & BookRoom;

const OLDEST_MAX = 20;

/** @throws Unavailable when its stream cannot be read */
export async function openInboundChannel(
  inbound: Inbound,
  stored: StoredIntake,
  parts: ChannelParts,
): Promise<InboundChannel> {
  const book = await openBook(parts.channel, stored, parts);
  const closing = new AbortController();
  const room: ChannelRoom = { ...parts, inbound, book, closing: closing.signal };
  const webhooks: Webhooks | undefined = inbound.webhook && createWebhooks(inbound.webhook, room);
  const poller: Poller | undefined = inbound.poll && startPoller(room);
  const retaking = startRetaking(room);
  return {
    receive: (request, traceparent) => webhooks?.receive(request, traceparent) ?? Promise.resolve('unverified'),
    wake: retaking.wake,
    async retake(concerns, traceparent) {
      const ids = [...book.intake().waiting.values()].filter(concerns).map(({ id }) => id);
      return { tried: ids.length, taken: await retaking.retake(ids, traceparent) };
    },
    poke: () => poller?.poke(),
    status() {
      const { waiting } = book.intake();
      const oldest = [...waiting.values()].sort((a, b) => a.since - b.since).slice(0, OLDEST_MAX);
      return { webhook: webhooks?.status(), poll: poller?.status(), waiting: waiting.size, oldest };
    },
    async close() {
      closing.abort();
      await Promise.all([poller?.close(), retaking.close()]);
    },
  };
}
