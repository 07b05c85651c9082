// What waits to be told to one ERP or webhook: the log after what it was told. Nothing is kept on disk, and not more than a
// few thousand events in memory: beyond them only their number is, and they are read again when their turn comes.
import type { EventLog, Position, RecordedEvent } from '../../domain/event-log.ts';
import { knownAt } from '../../domain/known-at.ts';
import type { Instant } from '../../domain/time.ts';
import { DEFAULT_SUPERVISION, superviseSubscription } from '../../projections/supervised-subscription.ts';
import type { RunnerTime } from '../../projections/time.ts';

export interface QueueRoom {
  readonly log: EventLog;
  readonly time: RunnerTime;
  readonly after: Position;
  /** False: it is not told. */
  readonly concerns: (event: RecordedEvent) => boolean;
  /** Called when something arrived. */
  readonly arrived: () => void;
}

export interface LogQueue {
  /** Events that wait, at least as far as the log has been seen. */
  waiting(): number;
  /** When the first of them was recorded; undefined: none waits. */
  oldestAt(): Instant | undefined;
  /** How far the log has been seen. */
  position(): Position;
  /** Whether all has been seen that was there when this began. */
  hasSeenBeginning(): boolean;
  /** The next ones, which stay. Empty: none waits. */
  peek(limit: number): Promise<readonly RecordedEvent[]>;
  /** The first ones are done. */
  drop(count: number): void;
  close(): Promise<void>;
}

export const KEPT_MAX = 4_000;
const PAGE = 1_000;

export async function openQueue(room: QueueRoom): Promise<LogQueue> {
  const { log, time, concerns, arrived } = room;
  const kept: RecordedEvent[] = [];
  let position = room.after;
  let waiting = 0;
  /** Everything up to here is in `kept` or done; behind `position` once there was no room. */
  let keptTo = room.after;
  const head = await log.head();
  const { subscription, start } = superviseSubscription({
    log,
    position: () => position,
    async deliver(batch) {
      const before = waiting;
      for (const event of batch) {
        if (event.position <= position) continue;
        const isWhole = keptTo === position;
        position = event.position;
        const isOurs = concerns(event);
        if (isOurs) waiting += 1;
        if (!isWhole || (isOurs && kept.length >= KEPT_MAX)) continue;
        if (isOurs) kept.push(event);
        keptTo = position;
      }
      if (waiting > before) arrived();
    },
    time,
    supervision: DEFAULT_SUPERVISION,
    head,
  });
  start();

  /** Reads on where there was no room; what arrives meanwhile waits its turn. */
  const readOn = async () => {
    while (kept.length < PAGE && keptTo < position) {
      const events = await log.readAll(keptTo, PAGE);
      for (const event of events) {
        // What lies beyond has not been counted yet: the subscription brings it.
        if (event.position > position || event.position <= keptTo) continue;
        keptTo = event.position;
        if (concerns(event)) kept.push(event);
      }
      if (events.length === 0) return;
    }
  };

  return {
    waiting: () => waiting,
    oldestAt: () => kept[0] && knownAt(kept[0].data),
    position: () => position,
    hasSeenBeginning: () => position >= head,
    async peek(limit) {
      if (kept.length < limit && keptTo < position) await readOn();
      return kept.slice(0, limit);
    },
    drop(count) {
      kept.splice(0, count);
      waiting -= count;
    },
    close: () => subscription.close(),
  };
}
