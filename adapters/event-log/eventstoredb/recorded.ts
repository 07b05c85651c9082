// From what the client delivers to a recorded event. The only place where a revision becomes a Number; positions stay bigint.
// System events (streams or types that start with `$`: statistics, metadata, projections' links) do not exist for the port.
import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import { type JsonObject, type Position, type RecordedEvent, Unavailable } from '../../../domain/event-log.ts';

/** The server says 2^64 - 1 when it does not know where an event was committed. */
const POSITION_MAX = 2n ** 63n - 1n;

/** Undefined for a system event. */
export function recorded(resolved: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent | undefined {
  const { event } = resolved;
  if (event === undefined || event.streamId.startsWith('$') || event.type.startsWith('$')) return undefined;
  return {
    id: event.id,
    type: event.type,
    stream: event.streamId,
    revision: revisionOf(event.revision),
    position: positionOf(resolved),
    data: jsonObject(event.data),
    metadata: jsonObject(event.metadata),
  };
}

/**
 * An event appended by one call commits itself: commit = prepare = its place in the log. Events of the explicit transactions of
 * old TCP clients have a later commit; their commit position orders them, and several of them share it.
 */
export function positionOf(resolved: ResolvedEvent | AllStreamResolvedEvent): Position {
  const position = resolved.commitPosition ?? resolved.event?.position?.commit;
  if (position === undefined || position > POSITION_MAX) {
    throw new Unavailable('down', 'EventStoreDB does not tell the position of an event: 22.6 or later is needed');
  }
  return position;
}

export function revisionOf(revision: bigint): number {
  const number = Number(revision);
  if (!Number.isSafeInteger(number)) throw new RangeError(`a revision beyond 2^53 cannot be represented: ${revision}`);
  return number;
}

/** Another application's event may hold bytes or text: it is delivered empty, so that checkpoints move past it. */
function jsonObject(value: unknown): JsonObject {
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  return isObject ? (value as JsonObject) : {};
}
