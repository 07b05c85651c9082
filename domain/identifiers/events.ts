// What another system calls our SKUs and locations, as it was told, in the stream `identifiers-<system>`. One event carries
// many lines of one request, so that 40,000 of them are some hundred events.
import { z } from 'zod';
import type { JsonObject, RecordedEvent } from '../event-log.ts';
import { readVersioned, type Upcasters } from '../versioned-event.ts';
import type { Named } from './lines.ts';

/** The version written now. Raise it with an upcaster in `UPCASTERS` for every older version. */
export const IDENTIFIERS_EVENT_VERSION = 1;

const what = z.enum(['sku', 'location']);
const more = z.record(z.string(), z.string());

/** `map`: ours is called theirs; what it was called before is an alias. */
export const IdentifierChange = z.union([
  z.tuple([z.literal('map'), what, z.string(), z.string()], more),
  z.tuple([z.enum(['alias', 'unmap']), what, z.string(), z.string()]),
]);
export type IdentifierChange =
  | readonly ['map', Named, ours: string, theirs: string, more?: Readonly<Record<string, string>>]
  | readonly ['alias' | 'unmap', Named, ours: string, theirs: string];

export const IdentifiersChanged = z.strictObject({
  type: z.literal('IdentifiersChanged'),
  v: z.literal(IDENTIFIERS_EVENT_VERSION),
  recordedAt: z.int(),
  /** In this order. */
  changes: z.array(IdentifierChange).min(1),
});

/** JSON of the changes in one event, characters: an event stays below about 100 KiB. */
const CHANGES_LENGTH_MAX = 30_000;

/** The changes of as many events. */
export function inEvents(changes: readonly IdentifierChange[]): readonly (readonly IdentifierChange[])[] {
  const events: IdentifierChange[][] = [];
  let left = 0;
  for (const change of changes) {
    const length = JSON.stringify(change).length;
    if (length > left) {
      events.push([]);
      left = CHANGES_LENGTH_MAX;
    }
    events.at(-1)!.push(change);
    left -= length;
  }
  return events;
}

const PREFIX = 'identifiers-';

export function identifiersStream(system: string): string {
  return `${PREFIX}${system}`;
}

/** The system of such a stream, undefined for any other stream. */
export function parseIdentifiersStream(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

const TYPES: ReadonlySet<string> = new Set(['IdentifiersChanged']);
const UPCASTERS: Upcasters = new Map();

/** @throws UnknownEventVersion naming stream, revision, type and version */
export function readIdentifierChanges(recorded: RecordedEvent): readonly IdentifierChange[] {
  const event = readVersioned(recorded, IDENTIFIERS_EVENT_VERSION, TYPES, UPCASTERS);
  return event['changes'] as unknown as readonly IdentifierChange[];
}

export function identifiersEventData(changes: readonly IdentifierChange[], recordedAt: number): JsonObject {
  return { v: IDENTIFIERS_EVENT_VERSION, recordedAt, changes } as unknown as JsonObject;
}
