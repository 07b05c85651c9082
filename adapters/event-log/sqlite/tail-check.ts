// Checks the part of the log that a crash or bad sector can have torn: the frames after the indexed part and the last
// frame, for checksum and for holes. Reads the streams of the unindexed events on the way. Cuts off a bad tail.
import { writeFileSync } from 'node:fs';
import { LogCorrupt } from '../../../domain/event-log.ts';
import type { Database } from './database.ts';
import { eventsOf, type Frame, frameIsWhole, placeOf } from './frame.ts';
import { createGeneration, type Generation } from './generation.ts';

export interface TailCheck {
  /** Position after the last event that is whole. */
  readonly end: number;
  /** What is wrong at `end`. */
  readonly bad: string | undefined;
  /** Whole frames lie behind what is wrong: then it is not a tail. */
  readonly wholeBehind: boolean;
  /** The events behind the index, to go on with. */
  readonly unindexed: Generation;
}

const UNINDEXED_EXPECTED = 200_000;

export function checkTail(database: Database): TailCheck {
  const indexedTo = database.meta('indexed_to');
  const unindexed = createGeneration(UNINDEXED_EXPECTED);
  let end = indexedTo;
  let bad: string | undefined;
  let wholeBehind = false;
  for (const frame of database.framesFrom(indexedTo)) {
    const whole = frameIsWhole(frame);
    if (bad !== undefined) {
      wholeBehind ||= whole;
      continue;
    }
    if (!whole) bad = `the frame at position ${frame.position} does not match its checksum`;
    else if (frame.position !== end) bad = `there is no frame at position ${end}, the next is at ${frame.position}`;
    if (bad !== undefined) {
      wholeBehind = whole;
      continue;
    }
    for (const [n, { stream, revision }] of eventsOf(frame).entries()) {
      unindexed.add(stream, revision, placeOf(frame.position, n));
    }
    end += frame.count;
  }
  if (bad !== undefined || indexedTo === 0 || unindexed.events > 0) return { end, bad, wholeBehind, unindexed };
  return { ...lastIndexedFrame(database, indexedTo), unindexed };
}

/** Everything is indexed, so the last frame is the one that ends where the index does. */
function lastIndexedFrame(database: Database, indexedTo: number): Omit<TailCheck, 'unindexed'> {
  const last = database.lastFrame();
  if (last !== undefined && last.position + last.count === indexedTo && frameIsWhole(last)) {
    return { end: indexedTo, bad: undefined, wholeBehind: false };
  }
  const before = last === undefined ? undefined : database.frameHolding(last.position - 1);
  const end = before === undefined ? 0 : before.position + before.count;
  if (last === undefined || before === undefined || !frameIsWhole(before) || end !== last.position) {
    throw new LogCorrupt(`${database.file}: the index knows ${indexedTo} events and the last frames are not whole`);
  }
  if (frameIsWhole(last)) {
    throw new LogCorrupt(
      `${database.file}: the index knows ${indexedTo} events and the frames end at ${end + last.count}`,
    );
  }
  return { end, bad: `the frame at position ${last.position} does not match its checksum`, wholeBehind: false };
}

/** Removes the frames from `end` on, after keeping them in `sideFile`: one JSON line each, bytes in base64. */
export function cutTail(database: Database, end: number, sideFile: string): void {
  const cut: Frame[] = [...database.framesFrom(end)];
  const lines = cut.map((frame) => JSON.stringify({ ...frame, events: Buffer.from(frame.events).toString('base64') }));
  writeFileSync(sideFile, `${lines.join('\n')}\n`, { flush: true });
  // Overwritten, not only unlinked: a later repair must not find the old rows in a free page.
  database.connection.exec('PRAGMA secure_delete = ON');
  database.transaction(() => {
    database.connection.prepare('DELETE FROM frames WHERE position >= ?').run(end);
    // What the index holds of a cut event would be wrong; it is written again from the start.
    database.clearIndex();
  });
  database.connection.exec('PRAGMA secure_delete = OFF');
}
