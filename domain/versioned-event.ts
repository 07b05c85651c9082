// Reads stored events of older versions in the current one, for every kind of stream. Unknown versions and types are
// never skipped and never guessed at.
import type { JsonObject, RecordedEvent } from './event-log.ts';

/** A version or a type of event that this build does not know. */
export class UnknownEventVersion extends Error {
  override readonly name = 'UnknownEventVersion';
}

/** An event and its place in its stream. */
export type Placed = Omit<RecordedEvent, 'position'>;

/** Sees the type too: a version may change one type of event and leave the rest but for `v`. */
export type Upcaster = (data: JsonObject, type: string) => JsonObject;
/** From version n to n + 1, keyed by n. Pure; total over every event ever written in version n. */
export type Upcasters = ReadonlyMap<number, Upcaster>;

/**
 * The event in version `current`: its type and its data.
 * @throws UnknownEventVersion naming stream, revision, type and version
 */
export function readVersioned(
  recorded: Placed,
  current: number,
  types: ReadonlySet<string>,
  upcasters: Upcasters,
): JsonObject {
  let data = recorded.data;
  while (data['v'] !== current) {
    const version = data['v'] as number;
    const next = upcasters.get(version)?.(data, recorded.type);
    // One that stays where it is would go round for ever.
    if (next?.['v'] !== version + 1) throw unknown(recorded, version);
    data = next;
  }
  if (!types.has(recorded.type)) throw unknown(recorded, data['v']);
  return { type: recorded.type, ...data };
}

function unknown(recorded: Placed, version: unknown): UnknownEventVersion {
  return new UnknownEventVersion(
    `${recorded.stream}@${recorded.revision}: ${recorded.type} version ${String(version)} is not known here; ` +
      'run the version of Evenstock that wrote it, or a later one',
  );
}
