// What a stock remembers of its recent events: the command ids already taken (duplicates, R5) and the
// on-hand movements with their times (a count that arrives late adds only what happened after it, R6).
//
// Two generations, each one window long: what happened within the window is always found, and memory is
// bounded by the traffic of two windows. A version of `Recent` is immutable to its reader although versions
// share their arrays: each sees its own prefix of both generations, and appending to an old version copies first.
// That makes `evolve` a pure function at the price of a push (0.4 µs; a persistent map costs 2.3 µs).
import type { Instant } from '../time.ts';

interface Generation {
  readonly commands: Map<string, number>;
  readonly occurredAt: number[];
  readonly onHandDelta: number[];
}

export interface Recent {
  /** When the current generation began, by `recordedAt`. */
  readonly since: Instant;
  readonly current: Generation;
  /** Entries of `current` that belong to this version. */
  readonly length: number;
  /** Revision of the first entry of `current`. */
  readonly base: number;
  readonly previous: Generation;
  /** Entries of `previous` that belong to this version: an older version may have gone on without turning. */
  readonly previousLength: number;
}

function emptyGeneration(): Generation {
  return { commands: new Map(), occurredAt: [], onHandDelta: [] };
}

const NOTHING: Generation = emptyGeneration();

export function emptyRecent(): Recent {
  return { since: 0, current: emptyGeneration(), length: 0, base: 0, previous: NOTHING, previousLength: 0 };
}

/** The revision of the first event of this command, or undefined if it is new (or older than the window). */
export function recall(recent: Recent, commandId: string): number | undefined {
  const revision = recent.current.commands.get(commandId);
  if (revision !== undefined && revision < recent.base + recent.length) return revision;
  const before = recent.previous.commands.get(commandId);
  return before !== undefined && before < recent.base ? before : undefined;
}

/** One more event. `revision` is one more than the last; `windowMs` is how long it must be found. */
export function remember(
  recent: Recent,
  entry: {
    readonly revision: number;
    readonly commandId: string;
    readonly occurredAt: Instant;
    readonly onHandDelta: number;
  },
  recordedAt: Instant,
  windowMs: number,
): Recent {
  const turned = recordedAt - recent.since >= windowMs;
  const from = turned ? nextGeneration(recent, entry.revision, recordedAt) : recent;
  const current = mine(from);
  // Overwriting would take the first revision away from the versions that share the map.
  if (!current.commands.has(entry.commandId)) current.commands.set(entry.commandId, entry.revision);
  current.occurredAt.push(entry.occurredAt);
  current.onHandDelta.push(entry.onHandDelta);
  const { since, base, previous, previousLength } = from;
  return { since, current, length: from.length + 1, base, previous, previousLength };
}

function nextGeneration(recent: Recent, base: number, since: Instant): Recent {
  const { current: previous, length: previousLength } = recent;
  return { since, current: emptyGeneration(), length: 0, base, previous, previousLength };
}

/** Sum of the on-hand movements that happened after `at`: what to add to a count taken at `at`. */
export function movedAfter(recent: Recent, at: Instant): number {
  return sumAfter(recent.current, recent.length, at) + sumAfter(recent.previous, recent.previousLength, at);
}

/** Entries kept: a measure of what a snapshot of this stock weighs. */
export function recentSize(recent: Recent): number {
  return recent.length + recent.previousLength;
}

function sumAfter(generation: Generation, length: number, at: Instant): number {
  let sum = 0;
  for (let n = 0; n < length; n++) {
    if (generation.occurredAt[n]! > at) sum += generation.onHandDelta[n]!;
  }
  return sum;
}

/** The current generation without entries that only later versions have; a copy if there are any. */
function mine(recent: Recent): Generation {
  if (recent.current.occurredAt.length === recent.length) return recent.current;
  return prefix(recent.current, recent.length, recent.base + recent.length);
}

/** A copy of the first `length` entries, which are those of revisions before `end`. */
function prefix(generation: Generation, length: number, end: number): Generation {
  return {
    commands: new Map([...generation.commands].filter(([, revision]) => revision < end)),
    occurredAt: generation.occurredAt.slice(0, length),
    onHandDelta: generation.onHandDelta.slice(0, length),
  };
}

interface GenerationJson {
  readonly commands: readonly (readonly [string, number])[];
  readonly occurredAt: readonly number[];
  readonly onHandDelta: readonly number[];
}
export interface RecentJson {
  readonly since: Instant;
  readonly base: number;
  readonly current: GenerationJson;
  readonly previous: GenerationJson;
}

/** Copies: it stays what it is while the stock goes on. */
export function recentToJson(recent: Recent): RecentJson {
  const { since, base, current, length, previous, previousLength } = recent;
  const json = (generation: Generation) => ({ ...generation, commands: [...generation.commands] });
  return {
    since,
    base,
    current: json(prefix(current, length, base + length)),
    previous: json(prefix(previous, previousLength, base)),
  };
}

export function recentFromJson(json: RecentJson): Recent {
  const generation = (g: GenerationJson): Generation => ({
    commands: new Map(g.commands),
    occurredAt: [...g.occurredAt],
    onHandDelta: [...g.onHandDelta],
  });
  const current = generation(json.current);
  const previous = generation(json.previous);
  return {
    since: json.since,
    base: json.base,
    current,
    length: current.occurredAt.length,
    previous,
    previousLength: previous.occurredAt.length,
  };
}
