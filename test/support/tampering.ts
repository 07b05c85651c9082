// Somebody who can write every byte of the log: alters its events and, as he knows how hash chains are made, does them again.
import { DatabaseSync } from 'node:sqlite';
import { eventText, FRAME_EVENTS_FULL, sealFrame } from '../../adapters/event-log/sqlite/frame.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { CHAIN_GENESIS, chainHash } from '../../domain/event-id.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';

/** Every stream's revisions counted anew and its chain made anew, in the order given. */
export function withChainsRedone(events: readonly RecordedEvent[]): RecordedEvent[] {
  const ends = new Map<string, { revision: number; hash: string }>();
  return events.map((event) => {
    const end = ends.get(event.stream) ?? { revision: -1, hash: CHAIN_GENESIS };
    const revision = end.revision + 1;
    const { hash: _, previousHash: __, ...own } = event.metadata;
    const open = { ...event, revision, metadata: { ...own, previousHash: end.hash } };
    const hash = chainHash(event.stream, revision, open, systemHashes);
    ends.set(event.stream, { revision, hash });
    return { ...open, metadata: { ...open.metadata, hash } };
  });
}

/** Writes the frames of a log file that nobody has open anew, checksums and all, and empties the index: opening makes it again. */
export function rewriteFrames(file: string, events: readonly RecordedEvent[]): void {
  const database = new DatabaseSync(file);
  database.exec('BEGIN; DELETE FROM frames; DELETE FROM stream_index');
  database.exec("UPDATE meta SET value = 0 WHERE name IN ('generations', 'indexed_to')");
  const insert = database.prepare('INSERT INTO frames (position, count, checksum, events) VALUES (?, ?, ?, ?)');
  for (let at = 0; at < events.length; at += FRAME_EVENTS_FULL) {
    const texts = events
      .slice(at, at + FRAME_EVENTS_FULL)
      .map((event) => eventText(event.stream, event.revision, event));
    const { position, count, checksum, events: bytes } = sealFrame(at, texts);
    insert.run(position, count, checksum, bytes);
  }
  database.exec('COMMIT');
  database.close();
}
