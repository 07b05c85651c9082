// How far what a channel tells is taken: the watermark of its poll, and the messages that wait. The fold of the events of
// `inbound-<channel>`. The body of a waiting message stays in its event: here is only where that is.
import type { Instant } from '../time.ts';
import type { InboundEvent, InboundEventOf, UnmappedName, WhyWaiting } from './events.ts';

export interface Waiting {
  readonly id: string;
  readonly about: string;
  readonly why: WhyWaiting;
  readonly reason: string;
  readonly name?: UnmappedName | undefined;
  readonly refusal?: string | undefined;
  readonly from: 'webhook' | 'poll';
  /** Revision of the event with the request; only of a webhook. */
  readonly rawAt?: number | undefined;
  /** Where the poll is read again; undefined: from the beginning. */
  readonly watermark?: string | undefined;
  readonly since: Instant;
}

export interface Intake {
  readonly watermark: string | undefined;
  readonly advancedAt: Instant | undefined;
  /** By id. */
  readonly waiting: ReadonlyMap<string, Waiting>;
}

/** What one event changes: the watermark, or one row of what waits (`undefined`: it waits no more). */
export type IntakeChange =
  | { readonly watermark: string; readonly advancedAt: Instant }
  | { readonly id: string; readonly row: Waiting | undefined };

export function intakeChange(event: InboundEvent, revision: number, before: Waiting | undefined): IntakeChange {
  switch (event.type) {
    case 'PollAdvanced':
      return { watermark: event.watermark, advancedAt: event.recordedAt };
    case 'MessageSetAside':
      return { id: event.id, row: waitingAfter(event, revision, before) };
    case 'MessageSettled':
      return { id: event.id, row: undefined };
  }
}

function waitingAfter(
  event: InboundEventOf<'MessageSetAside'>,
  revision: number,
  before: Waiting | undefined,
): Waiting {
  const { id, about, why, reason, name, refusal, from } = event;
  const row = { id, about, why, reason, name, refusal, from: from.kind, since: before?.since ?? event.recordedAt };
  if (from.kind === 'poll') return { ...row, watermark: from.watermark };
  return { ...row, rawAt: from.raw === undefined ? before?.rawAt : revision };
}
