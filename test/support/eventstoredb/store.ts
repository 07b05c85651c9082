// The log behind the scripted EventStoreDB: what the real server keeps and how it checks an append (IndexWriter.CheckCommit,
// March 2025): expected version, repeats by id, soft delete and tombstone. Positions are byte offsets, so they have gaps, and the
// log starts with system events, as a real one does.
export const ANY = 'any';
export const STREAM_EXISTS = 'exists';
/** A revision, `-1` for "no stream yet", or one of the two that state nothing. */
export type Expected = number | typeof ANY | typeof STREAM_EXISTS;

export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface StoredEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
}

export type AppendOutcome =
  | { readonly kind: 'success'; readonly last: StoredEvent }
  | { readonly kind: 'wrong-version'; readonly current: number }
  | { readonly kind: 'deleted' };

export interface Store {
  readonly all: readonly StoredEvent[];
  /** Undefined when the stream is unknown or deleted. */
  stream(name: string): readonly StoredEvent[] | undefined;
  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): AppendOutcome;
  /** Statistics, links, metadata: what a real server writes on its own account. */
  appendSystem(count: number): void;
  delete(stream: string): void;
  tombstone(stream: string): void;
  /** Resolves when something is appended after the call. */
  appended(): Promise<void>;
}

const RECORD_OVERHEAD_BYTES = 180;

export function createStore(): Store {
  const all: StoredEvent[] = [];
  const streams = new Map<string, StoredEvent[]>();
  const gone = new Map<string, 'deleted' | 'tombstoned'>();
  let end = 0n;
  let woken = Promise.withResolvers<void>();

  const write = (stream: string, events: readonly ProposedEvent[]): StoredEvent => {
    const recorded = streams.get(stream) ?? [];
    for (const event of events) {
      const written = { ...event, stream, revision: recorded.length, position: end };
      end += BigInt(RECORD_OVERHEAD_BYTES + event.data.length + event.metadata.length + 2 * event.type.length);
      recorded.push(written);
      all.push(written);
    }
    streams.set(stream, recorded);
    const waiting = woken;
    woken = Promise.withResolvers<void>();
    waiting.resolve();
    return recorded.at(-1)!;
  };

  const system = (n: number): ProposedEvent => ({
    id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    type: '$statsCollected',
    contentType: 'application/json',
    data: Buffer.from('{"proc-cpu":1}'),
    metadata: new Uint8Array(),
  });

  const store: Store = {
    all,
    stream: (name) => (gone.has(name) ? undefined : streams.get(name)),
    append(stream, expected, events) {
      if (gone.get(stream) === 'tombstoned') return { kind: 'deleted' };
      const recorded = streams.get(stream) ?? [];
      const current = recorded.length - 1;
      const repeat = repeated(recorded, expected, events);
      if (repeat !== undefined) return { kind: 'success', last: repeat };
      const revived = expected === -1 && gone.has(stream);
      const accepted =
        expected === ANY || (expected === STREAM_EXISTS && current >= 0) || expected === current || revived;
      if (!accepted) return { kind: 'wrong-version', current };
      gone.delete(stream);
      return { kind: 'success', last: write(stream, events) };
    },
    appendSystem(count) {
      const from = all.length;
      write(
        '$stats-127.0.0.1:2113',
        Array.from({ length: count }, (_, n) => system(from + n)),
      );
    },
    delete: (stream) => void gone.set(stream, 'deleted'),
    tombstone: (stream) => void gone.set(stream, 'tombstoned'),
    appended: () => woken.promise,
  };
  store.appendSystem(3);
  return store;
}

/** The last event of the first append of `events`, if this one repeats it: same place and same ids. */
function repeated(
  recorded: readonly StoredEvent[],
  expected: Expected,
  events: readonly ProposedEvent[],
): StoredEvent | undefined {
  const from = typeof expected === 'number' ? expected + 1 : recorded.findIndex(({ id }) => id === events[0]?.id);
  if (from < 0 || events.length === 0) return undefined;
  const same = events.every((event, n) => recorded[from + n]?.id === event.id);
  return same ? recorded[from + events.length - 1] : undefined;
}
