// What the parts of one channel's intake share: the adapter, what is known, and how a message is taken.
import type { Inbound, InboundMessage } from '../../adapters/inbound/inbound.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import type { Clock } from '../../domain/time.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { InboundBook } from './book.ts';
import type { Verdict } from './verdict.ts';

/** How a message came. Trace contexts are W3C's; undefined: not traced. */
export interface Brought {
  /** `retry`: it was set aside before. */
  readonly by: 'webhook' | 'poll' | 'retry';
  /** Of the request or the poll that brought it now; of a retry: of the request that asked for it, if one did. */
  readonly traceparent?: string | undefined;
  /** Of a retry: of the request that brought it when it was set aside. */
  readonly earlier?: string | undefined;
}

export interface ChannelRoom {
  readonly channel: string;
  readonly inbound: Inbound;
  readonly book: InboundBook;
  /** Never rejects: what cannot be taken now is `busy`. */
  readonly take: (message: InboundMessage, brought: Brought) => Promise<Verdict>;
  /** A page of so many messages came, in so many ms. The trace context of the poll, undefined: it is not traced. */
  readonly polled?: ((messages: number, tookMs: number) => string | undefined) | undefined;
  readonly cases: CaseSink;
  /** The read model has caught up with the log as it was at the start; undefined before. */
  readonly knownCases: () => Pick<CasesReader, 'isLasting' | 'find'> | undefined;
  readonly clock: Clock;
  /** Milliseconds of a clock that never goes back: rests are measured by it. */
  readonly moment: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly hashes: Hashes;
  /** No other process writes to this log. */
  readonly soleWriter: boolean;
  /** Of one call of the channel. */
  readonly timeoutMs: number;
  /** After how long without an answer a channel that is polled is a case, ms. */
  readonly patienceMs: number;
  readonly closing: AbortSignal;
  /** Something failed that is tried again. Must not throw. */
  readonly troubled: (what: string, error: unknown) => void;
}

/** More than this of one channel is not set aside: then its webhooks are answered 503 and its poll waits. */
export const WAITING_MAX = 10_000;

/** Of one call: ends with the channel too. */
export function callSignal({ timeoutMs, closing }: Pick<ChannelRoom, 'timeoutMs' | 'closing'>): AbortSignal {
  return AbortSignal.any([AbortSignal.timeout(timeoutMs), closing]);
}

/** The first message that cannot be taken decides for all of them; the others are taken. */
export async function takeAll(
  messages: readonly InboundMessage[],
  { take }: Pick<ChannelRoom, 'take'>,
  brought: Brought,
): Promise<{ readonly verdict: Verdict; readonly about: string }> {
  let first: { verdict: Verdict; about: string } | undefined;
  for (const message of messages) {
    const verdict = await take(message, brought);
    if (verdict.kind === 'taken') continue;
    first ??= { verdict, about: message.about };
    if (verdict.kind === 'busy') return { verdict, about: message.about };
  }
  return first ?? { verdict: { kind: 'taken' }, about: messages[0]?.about ?? 'a message' };
}
