// The events committed last, as objects: a subscriber that keeps up and an actor that comes back get them without
// reading and parsing them again. Bounded in events and in bytes.
import type { RecordedEvent } from '../../../domain/event-log.ts';

export interface Recent {
  push(event: RecordedEvent, bytes: number): void;
  get(position: number): RecordedEvent | undefined;
  /** Up to `limit` events from `position` on; undefined when `position` is no longer (or not yet) here. */
  slice(position: number, limit: number): RecordedEvent[] | undefined;
  /** Forgets everything; the next event pushed has this position. */
  restart(position: number): void;
  readonly bytes: number;
}

export function createRecent(eventsMax: number, bytesMax: number, nextPosition: number): Recent {
  const capacity = Math.max(1, eventsMax);
  const events = new Array<RecordedEvent | undefined>(capacity).fill(undefined);
  const sizes = new Uint32Array(capacity);
  let first = nextPosition;
  let next = nextPosition;
  let bytes = 0;

  const dropFirst = () => {
    events[first % capacity] = undefined;
    bytes -= sizes[first % capacity]!;
    first += 1;
  };

  return {
    push(event, size) {
      while (next > first && (next - first >= capacity || bytes + size > bytesMax)) dropFirst();
      events[next % capacity] = event;
      sizes[next % capacity] = size;
      bytes += size;
      next += 1;
    },
    get(position) {
      return position >= first && position < next ? events[position % capacity] : undefined;
    },
    slice(position, limit) {
      if (position < first || position >= next) return undefined;
      const count = Math.min(limit, next - position);
      const out = new Array<RecordedEvent>(count);
      for (let n = 0; n < count; n++) out[n] = events[(position + n) % capacity]!;
      return out;
    },
    restart(position) {
      events.fill(undefined);
      first = position;
      next = position;
      bytes = 0;
    },
    get bytes() {
      return bytes;
    },
  };
}
