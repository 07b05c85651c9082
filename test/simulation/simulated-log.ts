// An event log that lies in nobody's memory but the world's: it outlives the processes that use it, and forgets at a
// crash a suffix of what it has not acknowledged. Written frames wait for a commit and are seen by no reader before
// it, as in both real logs. What goes wrong on the way is decided by the weather (log-connection.ts).
import { Conflict, type NewEvent, type Position, type RecordedEvent, START } from '../../domain/event-log.ts';
import type { Chance } from './chance.ts';
import type { Trace } from './trace.ts';

export interface Place {
  readonly revision: number;
  readonly position: Position;
}

interface Frame {
  readonly stream: string;
  readonly first: number;
  readonly events: readonly NewEvent[];
  readonly committed: PromiseWithResolvers<Place>;
}

export interface SimulatedLog {
  /** Everything durable, in log order. */
  readonly events: readonly RecordedEvent[];
  stream(name: string): readonly RecordedEvent[];
  /** Index of the first durable event after `position`. */
  indexAfter(position: Position): number;
  readonly head: Position;
  /** Resolves at the next commit. */
  moved(): Promise<void>;
  /**
   * Takes a frame in; `committed` resolves once it is durable.
   * @throws Conflict
   */
  write(stream: string, expectedRevision: number, events: readonly NewEvent[]): { readonly committed: Promise<Place> };
  /** Makes durable what was written. */
  commit(): void;
  /** Forgets what was written and is not durable; whoever waits for it is told `error`. */
  refuse(error: Error): void;
  /** Keeps a part of what is not durable and forgets the rest. Nobody is told, or everybody `error`. Returns how many frames are lost. */
  tear(keep: number, error?: Error): number;
  readonly pending: number;
}

export interface LogShape {
  /** Position of the first event. */
  readonly start: Position;
  /** Positions of two events are at most so far apart. */
  readonly strideMax: number;
}

export function createSimulatedLog(shape: LogShape, chance: Chance, trace: Trace): SimulatedLog {
  const durable: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  let pending: Frame[] = [];
  let wake = Promise.withResolvers<void>();
  let next = shape.start;

  const store = ({ stream, first, events, committed }: Frame) => {
    const recorded = streams.get(stream) ?? [];
    streams.set(stream, recorded);
    events.forEach((event, n) => {
      // Through JSON, as over a wire or a disk: nobody shares an object with the log.
      const copy = JSON.parse(JSON.stringify(event)) as NewEvent;
      const written = { ...copy, stream, revision: first + n, position: next };
      next += BigInt(chance.between(1, shape.strideMax));
      recorded.push(written);
      durable.push(written);
    });
    const { revision, position } = recorded.at(-1)!;
    trace.note(`log ${stream}@${revision} ${events.map(({ type }) => type).join(' ')} at ${position}`);
    committed.resolve({ revision, position });
  };
  const commit = () => {
    const frames = pending;
    pending = [];
    for (const frame of frames) store(frame);
    const waiting = wake;
    wake = Promise.withResolvers<void>();
    waiting.resolve();
  };
  const forget = (frames: readonly Frame[], error: Error | undefined) => {
    // Settled or not, nobody listens for those of a dead process.
    for (const { committed } of frames) {
      committed.promise.catch(() => {});
      if (error !== undefined) committed.reject(error);
    }
  };

  return {
    events: durable,
    stream: (name) => streams.get(name) ?? [],
    indexAfter: (position) => indexAfter(durable, position),
    get head() {
      return durable.at(-1)?.position ?? START;
    },
    moved: () => wake.promise,
    write(stream, expectedRevision, events) {
      const known = streams.get(stream) ?? [];
      const waiting = pending.filter((frame) => frame.stream === stream);
      const length = waiting.reduce((sum, frame) => sum + frame.events.length, known.length);
      if (length - 1 === expectedRevision) {
        const committed = Promise.withResolvers<Place>();
        pending.push({ stream, first: length, events, committed });
        return { committed: committed.promise };
      }
      const after = [...known.slice(expectedRevision + 1), ...waiting.flatMap((frame) => frame.events)];
      const isRepeat = expectedRevision < known.length && events.every((event, n) => after[n]?.id === event.id);
      if (!isRepeat) throw new Conflict(stream, expectedRevision, `the stream is at ${length - 1}`);
      const last = expectedRevision + events.length;
      const recorded = known[last];
      if (recorded !== undefined) return { committed: Promise.resolve(recorded) };
      return { committed: waiting.find(({ first, events: own }) => last < first + own.length)!.committed.promise };
    },
    commit,
    refuse(error) {
      const frames = pending;
      pending = [];
      forget(frames, error);
    },
    tear(keep, error) {
      const lost = pending.splice(keep);
      forget(lost, error);
      commit();
      return lost.length;
    },
    get pending() {
      return pending.length;
    },
  };
}

function indexAfter(events: readonly RecordedEvent[], position: Position): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events[middle]!.position <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
