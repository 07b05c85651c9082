// The policy stream as far as it has been read: its history and the end that the next event is chained to.
import { CHAIN_GENESIS, type StreamEnd } from '../../domain/event-id.ts';
import { type EventLog, NO_STREAM } from '../../domain/event-log.ts';
import { POLICY_STREAM, readPolicyEvent } from '../../domain/policy/events.ts';
import { evolveAll, NO_HISTORY, type PolicyHistory } from '../../domain/policy/history.ts';
import type { Placed } from '../../domain/versioned-event.ts';

export interface StoredPolicy {
  readonly history: PolicyHistory;
  readonly end: StreamEnd;
}

const NOTHING_READ: StoredPolicy = {
  history: NO_HISTORY,
  end: { stream: POLICY_STREAM, revision: NO_STREAM, hash: CHAIN_GENESIS },
};
const PAGE_EVENTS = 500;

/**
 * With everything that was appended after `known`.
 * @throws Unavailable · UnknownEventVersion
 */
export async function readPolicyStream(log: Pick<EventLog, 'read'>, known = NOTHING_READ): Promise<StoredPolicy> {
  for (let stored = known; ; ) {
    const page = await log.read(POLICY_STREAM, stored.end.revision + 1, PAGE_EVENTS);
    stored = withEvents(stored, page);
    if (page.length < PAGE_EVENTS) return stored;
  }
}

/** The next event of the stream; one that is known already changes nothing. @throws UnknownEventVersion */
export function withEvent(stored: StoredPolicy, event: Placed): StoredPolicy {
  return event.revision <= stored.end.revision ? stored : withEvents(stored, [event]);
}

function withEvents(stored: StoredPolicy, events: readonly Placed[]): StoredPolicy {
  const last = events.at(-1);
  if (last === undefined) return stored;
  const read = events.map((event) => ({ event: readPolicyEvent(event), revision: event.revision }));
  const hash = String(last.metadata['hash'] ?? '');
  return {
    history: evolveAll(stored.history, read),
    end: { stream: POLICY_STREAM, revision: last.revision, hash },
  };
}
