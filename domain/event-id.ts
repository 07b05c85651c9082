// Event ids and the hash chain: what makes an append repeatable (design 4) and a stream tamper-evident (design 14).
import type { EventToAppend, NewEvent } from './event-log.ts';

/** Injected: the domain imports nothing of the platform. Both hash UTF-8 text. */
export interface Hashes {
  sha1Hex(text: string): string;
  sha256Base64Url(text: string): string;
}

/** Name space 4576656e-7374-6f63-6b2d-6576656e7473: as bytes it is this text, so hashing text is enough. */
const NAMESPACE = 'Evenstock-events';

/**
 * The UUIDv5 (RFC 9562 §5.5) of stream, cause and index among the events of the cause. One id must mean one content: a
 * log takes an append under the same ids for a repeat of the first, whatever else it says.
 */
export function eventId(stream: string, cause: string, index: number, hashes: Hashes): string {
  const hex = hashes.sha1Hex(`${NAMESPACE}${stream}:${cause}:${index}`);
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The `previousHash` of a stream's first event. */
export const CHAIN_GENESIS = '0';

/** The JSON of an event's data, and of its metadata without the hash: what ids and hashes are made of, written once. */
export interface EventTexts {
  readonly data: string;
  readonly metadata: string;
}

export function textsOf({ data, metadata }: Pick<NewEvent, 'data' | 'metadata'>): EventTexts {
  const covered = metadata['hash'] === undefined ? metadata : { ...metadata, hash: undefined };
  return { data: JSON.stringify(data), metadata: JSON.stringify(covered) };
}

/**
 * Hash of one event: covers its place, its content, its metadata and (as `metadata.previousHash`) all before it.
 * 43 characters, SHA-256 in base64url. `metadata.hash` itself is left out.
 */
export function chainHash(
  stream: string,
  revision: number,
  event: NewEvent,
  hashes: Hashes,
  texts: EventTexts = textsOf(event),
): string {
  // The text of the JSON array [stream, revision, id, type, data, metadata].
  const place = JSON.stringify([stream, revision, event.id, event.type]);
  return hashes.sha256Base64Url(`${place.slice(0, -1)},${texts.data},${texts.metadata}]`);
}

export interface StreamEnd {
  readonly stream: string;
  /** Of its last event, -1 for none. */
  readonly revision: number;
  readonly hash: string;
}

type Unlinked = Pick<NewEvent, 'type' | 'data' | 'metadata'>;

/**
 * The event as it is stored after `end`: its id, and its link in the stream's hash chain. The id covers all of the event:
 * two processes may judge one command at one revision with other clocks. Under one id the later append would pass for a
 * repeat of the first, and its process go on from an event that is not the one in the log.
 * @param index among the events of the cause
 */
export function chainedEvent(
  end: StreamEnd,
  { type, data, metadata }: Unlinked,
  cause: string,
  index: number,
  hashes: Hashes,
): EventToAppend {
  const open = { ...metadata, previousHash: end.hash };
  const texts = textsOf({ data, metadata: open });
  const id = eventId(end.stream, `${cause}:${type}[${texts.data},${texts.metadata}]`, index, hashes);
  const hash = chainHash(end.stream, end.revision + 1, { id, type, data, metadata: open }, hashes, texts);
  // Last, as it is in the metadata.
  const hashed = `${texts.metadata.slice(0, -1)},"hash":"${hash}"}`;
  return { id, type, data, metadata: { ...open, hash }, texts: { data: texts.data, metadata: hashed } };
}

/** Events of one cause as they are stored after `end`. */
export function chainedEvents(
  end: StreamEnd,
  events: readonly Unlinked[],
  cause: string,
  hashes: Hashes,
): readonly EventToAppend[] {
  let { hash } = end;
  return events.map((event, index) => {
    const chained = chainedEvent({ ...end, revision: end.revision + index, hash }, event, cause, index, hashes);
    hash = chained.metadata['hash'] as string;
    return chained;
  });
}
