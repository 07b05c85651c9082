// Reads events back: from the ring of recent ones, else from frames, each checked against its checksum every time it
// comes from the file. Frames of which single events were read stay in a cache bounded in bytes; scans pass it by.
import { LogCorrupt, type RecordedEvent } from '../../../domain/event-log.ts';
import type { Database } from './database.ts';
import { checkFrame, eventAt, eventsOf, type Frame, frameOfPlace, indexOfPlace, positionOfPlace } from './frame.ts';
import type { Recent } from './recent.ts';

/** Frames fetched at a time by a scan. */
const FRAMES_PER_READ = 32;
/** A scan ends early there: most events are small, one of a feed holds a thousand values, and a thousand of those lived long. */
const SCAN_BYTES_MAX = 1024 * 1024;

export interface FrameReader {
  /** The event at a place. @throws LogCorrupt when it is not that revision of that stream */
  event(place: number, stream: string, revision: number): RecordedEvent;
  /** The stream of the event at a place. @throws LogCorrupt */
  streamAt(place: number): string;
  /** Events of `from`…`head`, at most `limit`, ending at a frame's end where that is possible. @throws LogCorrupt */
  scan(from: number, limit: number, head: number): RecordedEvent[];
  readonly cachedBytes: number;
  forget(): void;
}

export function createFrameReader(database: Database, recent: Recent, cacheBytesMax: number): FrameReader {
  // In order of last use: a Map keeps insertion order and a hit is inserted again.
  const cache = new Map<number, Frame>();
  let cachedBytes = 0;

  const remember = (frame: Frame) => {
    cache.set(frame.position, frame);
    cachedBytes += frame.events.length;
    for (const [position, oldest] of cache) {
      if (cachedBytes <= cacheBytesMax || cache.size === 1) break;
      cache.delete(position);
      cachedBytes -= oldest.events.length;
    }
  };

  const load = (position: number): Frame => {
    const cached = cache.get(position);
    if (cached !== undefined) {
      cache.delete(position);
      cache.set(position, cached);
      return cached;
    }
    const frame = fetchFrame(database, position);
    remember(frame);
    return frame;
  };

  const at = (place: number): RecordedEvent | undefined => {
    const held = recent.get(positionOfPlace(place));
    if (held !== undefined) return held;
    const frame = load(frameOfPlace(place));
    const index = indexOfPlace(place);
    return index < frame.count ? eventAt(frame, index) : undefined;
  };

  return {
    streamAt: (place) => at(place)?.stream ?? '',
    event(place, stream, revision) {
      const event = at(place);
      if (event?.stream !== stream || event.revision !== revision) {
        throw new LogCorrupt(
          `${database.file}: position ${positionOfPlace(place)} should hold revision ${revision} of ${stream}; ` +
            'the stream index is damaged, rebuild it',
        );
      }
      return event;
    },

    scan(from, limit, head) {
      if (from > head || limit <= 0) return [];
      const held = recent.slice(from, Math.min(limit, head - from + 1));
      if (held !== undefined) return held;
      return scanFrames(database, from, limit, head, (frame) => {
        if (!cache.has(frame.position)) remember(frame);
      });
    },

    get cachedBytes() {
      return cachedBytes;
    },
    forget() {
      cache.clear();
      cachedBytes = 0;
    },
  };
}

/** Whole frames as long as they fit into `limit`; a first one that is read in part goes to `partly`. */
function scanFrames(
  database: Database,
  from: number,
  limit: number,
  head: number,
  partly: (frame: Frame) => void,
): RecordedEvent[] {
  const first = holding(database, from);
  const start = from - first.position;
  const out = eventsOf(first, start, Math.min(first.count, start + limit));
  if (start + out.length < first.count) partly(first);
  let next = first.position + first.count;
  let bytes = first.events.length;
  while (out.length < limit && next <= head) {
    const frames = database.framesNext(next, FRAMES_PER_READ);
    if (frames.length === 0) throw missing(database, next);
    for (const frame of frames) {
      if (frame.position !== next) throw missing(database, next);
      checkFrame(frame, database.file);
      if (out.length + frame.count > limit || bytes > SCAN_BYTES_MAX || next > head) return out;
      for (const event of eventsOf(frame)) out.push(event);
      next += frame.count;
      bytes += frame.events.length;
    }
  }
  return out;
}

function fetchFrame(database: Database, position: number): Frame {
  const frame = database.frameAt(position);
  if (frame === undefined) throw missing(database, position);
  return checkFrame(frame, database.file);
}

function missing(database: Database, position: number): LogCorrupt {
  return new LogCorrupt(`${database.file}: there is no frame at position ${position}`);
}

function holding(database: Database, position: number): Frame {
  const frame = database.frameHolding(position);
  if (frame === undefined || frame.position + frame.count <= position) {
    throw new LogCorrupt(`${database.file}: no frame holds position ${position}`);
  }
  return checkFrame(frame, database.file);
}
