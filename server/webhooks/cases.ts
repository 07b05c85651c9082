// Exception cases of a webhook: an event that its receiver refuses and was not told of again, and that it has taken nothing for
// too long. The second closes by itself; the first is for somebody to look at, and closes when it takes
// that event after all.

import type { RecordedEvent } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';

export interface WebhookCases {
  setAside(event: RecordedEvent, reason: string): void;
  /** What had been set aside was taken after all. */
  passed(event: RecordedEvent): void;
  silent(reason: string, waiting: number): void;
  taken(): void;
}

/** Of the case that it takes nothing; keys of its other cases begin so. */
export function caseKey(webhook: string): string {
  return `webhook:${webhook}`;
}

export function webhookCases(webhook: string, sink: CaseSink): WebhookCases {
  const silentKey = caseKey(webhook);
  // Of the process before, too.
  let mayBeSilent = true;
  return {
    setAside({ id, type, stream, revision, position }, reason) {
      sink.raise({
        kind: 'poison-message',
        key: `${silentKey}:${id}`,
        subject: { source: webhook, event: `${stream}@${revision}` },
        detail: `webhook ${webhook} refuses ${type} ${id}: ${reason}; it was set aside, later events are sent`,
        proposals: [
          'look at the receiver: it answered 4xx three times; when it is mended, retry: the event is sent again by itself',
          `or have all sent again from before it: evenstock webhooks replay ${webhook} --after ${position - 1n}`,
        ],
        position,
      });
    },
    passed: ({ id }) => sink.cleared('poison-message', `${silentKey}:${id}`),
    silent(reason, waiting) {
      mayBeSilent = true;
      sink.raise({
        kind: 'breaker-open',
        key: silentKey,
        subject: { source: webhook },
        detail: `webhook ${webhook} takes no events: ${reason}; ${plural(waiting, 'waits', 'wait')}`,
        proposals: [
          'look whether its receiver is up, and whether its address and secret are right',
          'retry: it is called at once, also where it had answered 410',
        ],
      });
    },
    taken() {
      if (mayBeSilent) sink.cleared('breaker-open', silentKey);
      mayBeSilent = false;
    },
  };
}
