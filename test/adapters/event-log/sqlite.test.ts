// The embedded log takes the contract whole, on a real file.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { eventLogContract } from '../../contracts/event-log.ts';

async function startSqlite(settings: Partial<Parameters<typeof openSqliteLog>[0]> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'evenstock-log-'));
  const log = await openSqliteLog({ directory, clock: systemClock, ...settings });
  const dispose = async () => {
    await log.close();
    await rm(directory, { recursive: true });
  };
  return { log, dispose };
}

eventLogContract('embedded', startSqlite);

// Nothing recent in memory and every place in the index at once: every read goes through files and index rows.
eventLogContract('embedded, read from the file', () =>
  startSqlite({
    recentEventsMax: 1,
    recentBytesMax: 1,
    frameCacheBytesMax: 1,
    generationEvents: 1,
    sliceRows: 1,
    indexBuckets: 3,
    headsMax: 2,
  }),
);
