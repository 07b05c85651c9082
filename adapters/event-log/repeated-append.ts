// Recognises the repeat of an append: the events after the expected revision are the ones asked for, by id.
import type { NewEvent, RecordedEvent } from '../../domain/event-log.ts';

/** The last event of the first append, or undefined when `recorded` (what follows the expected revision) is not it. */
export function repeats(recorded: readonly RecordedEvent[], events: readonly NewEvent[]): RecordedEvent | undefined {
  if (events.length === 0 || recorded.length < events.length) return undefined;
  return events.every((event, n) => recorded[n]!.id === event.id) ? recorded[events.length - 1] : undefined;
}
