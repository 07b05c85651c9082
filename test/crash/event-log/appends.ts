// The appends of the crash tests, derived from stream and revision alone, and the check of what must hold after one:
// nothing acknowledged is lost, and repeating all that was not acknowledged doubles nothing.
import { expect } from 'vitest';
import { openSqliteLog, type SqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../../adapters/platform.ts';
import type { NewEvent } from '../../../domain/event-log.ts';

export const streamName = (stream: number) => `stock-CRASH-${stream}~store-1`;

const idOf = (stream: number, revision: number) => `crash-${stream}-${revision}`;

/** One to three events, the next append of a stream that is at `revision`. */
export function appendAfter(stream: number, revision: number): NewEvent[] {
  return Array.from({ length: 1 + ((stream + revision + 1) % 3) }, (_, n) => ({
    id: idOf(stream, revision + 1 + n),
    type: 'UnitsSold',
    data: { v: 1, revision: revision + 1 + n, text: 'x'.repeat(300) },
    metadata: { correlationId: idOf(stream, revision) },
  }));
}

/** Last acknowledged revision of each stream, as the parent has it from the process. */
export type Journal = Map<number, number>;

export function readJournal(journal: Journal, output: string): void {
  for (const line of output.split('\n')) {
    const [word, stream, revision] = line.split(' ');
    if (word === 'ack' && revision !== undefined) journal.set(Number(stream), Number(revision));
  }
}

/** Opens what a crash left, as the next process would, checks it against the journal and repeats what is unacknowledged. */
export async function checkAfterCrash(directory: string, journal: Journal, streams: number): Promise<void> {
  const log = await openSqliteLog({ directory, clock: systemClock, indexBuckets: 32, generationEvents: 200 });
  try {
    await log.verify();
    for (let stream = 0; stream < streams; stream++) await checkStream(log, stream, journal);
    await log.verify();
  } finally {
    await log.close();
  }
}

async function checkStream(log: SqliteLog, stream: number, journal: Journal): Promise<void> {
  const name = streamName(stream);
  const acknowledged = journal.get(stream) ?? -1;
  const before = await log.read(name, 0, 1_000_000);
  expect(before.length, `${name}: acknowledged events`).toBeGreaterThan(acknowledged);
  const repeated = appendAfter(stream, acknowledged);
  const appended = await log.append(name, acknowledged, repeated);
  expect(appended.revision).toBe(acknowledged + repeated.length);
  journal.set(stream, appended.revision);
  const after = await log.read(name, 0, 1_000_000);
  expect(after).toHaveLength(appended.revision + 1);
  expect(after.map((event) => event.id)).toEqual(after.map((_, revision) => idOf(stream, revision)));
}
