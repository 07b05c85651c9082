// The policy stream as far as it has been read: its history and the end that the next event is chained to.
import { CHAIN_GENESIS, type StreamEnd } from '../../domain/event-id.ts';
import { type EventLog, NO_STREAM } from '../../domain/event-log.ts';
import { POLICY_STREAM, readPolicyEvent } from '../../domain/policy/events.ts';
import { evolveHistory, NO_HISTORY, type PolicyHistory } from '../../domain/policy/history.ts';
import type { Placed } from '../../domain/versioned-event.ts';

export interface StoredPolicy {
  readonly history: PolicyHistory;
  readonly end: StreamEnd;
}

const NOTHING_READ: StoredPolicy = {
  history: NO_HISTORY,
  end: { stream: POLICY_STREAM, revision: NO_STREAM, hash: CHAIN_GENESIS },
};
const PAGE_EVENTS = 100;

/**
 * With everything that was appended after `known`.
 * @throws Unavailable · UnknownEventVersion
 */
export async function readPolicyStream(log: Pick<EventLog, 'read'>, known = NOTHING_READ): Promise<StoredPolicy> {
  for (let stored = known; ; ) {
    const page = await log.read(POLICY_STREAM, stored.end.revision + 1, PAGE_EVENTS);
    for (const event of page) stored = withEvent(stored, event);
    if (page.length < PAGE_EVENTS) return stored;
  }
}

/** The next event of the stream; one that is known already changes nothing. @throws UnknownEventVersion */
export function withEvent(stored: StoredPolicy, event: Placed): StoredPolicy {
  const { revision, metadata } = event;
  if (revision <= stored.end.revision) return stored;
  return {
    history: evolveHistory(stored.history, readPolicyEvent(event), revision),
    end: { stream: POLICY_STREAM, revision, hash: String(metadata['hash'] ?? '') },
  };
}
