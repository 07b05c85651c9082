// The webhooks of the policy as the API, the metrics and the command line see them.
import type { Position, RecordedEvent } from '../../domain/event-log.ts';
import type { Instant } from '../../domain/time.ts';
import type { SetAside } from '../../domain/webhook/events.ts';
import type { Resent } from './resending.ts';
import type { WebhookState } from './webhook-state.ts';

export interface WebhookStatus {
  readonly state: WebhookState;
  /** Events that wait to be sent. */
  readonly waiting: number;
  /** How long the first of them has been in the log, ms. */
  readonly oldestWaitingMs: number;
  /** Events that the receiver took since the beginning. */
  readonly delivered: number;
  /** Events that it refused and that were passed over. */
  readonly setAside: number;
  /** The last of them that it has not taken since. */
  readonly lastSetAside: readonly SetAside[];
  /** When it took one last. */
  readonly lastDeliveredAt: Instant | undefined;
  /** Up to which position all is taken or set aside; undefined: not known, or the beginning of the log. */
  readonly upTo: string | undefined;
  /** When it is called again, if it waits. */
  readonly nextTryAt: Instant | undefined;
  readonly outageSince: Instant | undefined;
  readonly lastError: string | undefined;
  /** Of the last event of its stream; undefined: another process writes it, or nobody does. */
  readonly revision: number | undefined;
}

export interface ReplayAsked {
  /** Events after it are sent once more. */
  readonly after: Position;
  readonly by: string;
  readonly reason: string;
}

/** away: another process calls the webhook, or nobody does now · ahead: nothing after `after` was sent yet. */
export type Replay =
  | { readonly kind: 'begun' }
  | { readonly kind: 'away' }
  | { readonly kind: 'ahead'; readonly upTo: Position };

export interface Webhooks {
  readonly ids: () => readonly string[];
  /** Undefined: the policy has no such webhook. */
  status(id: string): WebhookStatus | undefined;
  replay(id: string, asked: ReplayAsked): Promise<Replay | undefined>;
  /** Sends one event again, by itself. Undefined: this process does not tell it. */
  resend(id: string, event: RecordedEvent): Promise<Resent | undefined>;
  close(): Promise<void>;
}
