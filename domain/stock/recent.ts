// What a stock remembers of its recent events: the command ids already taken (duplicates, R5) and the
// on-hand movements with their times (a count that arrives late adds only what happened after it, R6).
//
// Two generations, each one window long: what happened within the window is always found, and memory is
// bounded by the traffic of two windows. A version of `Recent` is immutable to its reader although versions
// share their arrays: each sees its own prefix of both generations, and appending to an old version copies first.
// That makes `evolve` a pure function at the price of a push (0.4 µs; a persistent map costs 2.3 µs).
import type { Instant } from '../time.ts';

interface Generation {
  /** One an event, as in the other columns: the n-th is of revision `base + n`. */
  readonly commandIds: string[];
  readonly occurredAt: number[];
  readonly onHandDelta: number[];
  /** First place of each id in `commandIds`; made when there are too many to look through. */
  places: Map<string, number> | undefined;
}

/** Most stocks see a few commands in a window: a Map each would be a third of what they weigh. */
const LOOKED_THROUGH_MAX = 16;

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
  return { commandIds: [], occurredAt: [], onHandDelta: [], places: undefined };
}

const NOTHING: Generation = emptyGeneration();

export function emptyRecent(): Recent {
  return { since: 0, current: emptyGeneration(), length: 0, base: 0, previous: NOTHING, previousLength: 0 };
}

/** The revision of the first event of this command, or undefined if it is new (or older than the window). */
export function recall(recent: Recent, commandId: string): number | undefined {
  const place = placeOf(recent.current, recent.length, commandId);
  if (place >= 0) return recent.base + place;
  const before = placeOf(recent.previous, recent.previousLength, commandId);
  return before >= 0 ? recent.base - recent.previousLength + before : undefined;
}

/** Where the first `length` entries have this id first, -1 for nowhere. */
function placeOf(generation: Generation, length: number, commandId: string): number {
  const { commandIds } = generation;
  if (length > LOOKED_THROUGH_MAX) {
    generation.places ??= placesOf(commandIds);
    const place = generation.places.get(commandId);
    return place !== undefined && place < length ? place : -1;
  }
  for (let n = 0; n < length; n++) if (commandIds[n] === commandId) return n;
  return -1;
}

function placesOf(commandIds: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [n, id] of commandIds.entries()) if (!places.has(id)) places.set(id, n);
  return places;
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
  const { places } = current;
  if (places !== undefined && !places.has(entry.commandId)) places.set(entry.commandId, current.commandIds.length);
  current.commandIds.push(entry.commandId);
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
  return prefix(recent.current, recent.length);
}

/** A copy of the first `length` entries. */
function prefix({ commandIds, occurredAt, onHandDelta }: GenerationJson, length: number): Generation {
  return {
    commandIds: commandIds.slice(0, length),
    occurredAt: occurredAt.slice(0, length),
    onHandDelta: onHandDelta.slice(0, length),
    places: undefined,
  };
}

type GenerationJson = Readonly<Record<'commandIds', readonly string[]>> &
  Readonly<Record<'occurredAt' | 'onHandDelta', readonly number[]>>;

export interface RecentJson {
  readonly since: Instant;
  readonly base: number;
  readonly current: GenerationJson;
  readonly previous: GenerationJson;
}

/** Copies: it stays what it is while the stock goes on. */
export function recentToJson(recent: Recent): RecentJson {
  const { since, base, current, length, previous, previousLength } = recent;
  const json = (generation: Generation, size: number): GenerationJson => {
    const { places: _, ...columns } = prefix(generation, size);
    return columns;
  };
  return { since, base, current: json(current, length), previous: json(previous, previousLength) };
}

export function recentFromJson({ since, base, current, previous }: RecentJson): Recent {
  const [length, previousLength] = [current.occurredAt.length, previous.occurredAt.length];
  return {
    since,
    current: prefix(current, length),
    length,
    base,
    previous: prefix(previous, previousLength),
    previousLength,
  };
}
