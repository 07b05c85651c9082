// A process that appends to an embedded log until it is stopped, and tells its parent of every acknowledged append.
// Arguments: directory, streams, appends a stream. CRASH_AT=<point>:<n> kills it at the n-th pass of a commit point.
// What it appends depends only on stream and revision, so the parent can repeat exactly what was not acknowledged.
import { writeSync } from 'node:fs';
import { openSqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { appendAfter, streamName } from './appends.ts';

const [directory, streams, appends] = process.argv.slice(2);
const [crashPoint, crashPass] = (process.env['CRASH_AT'] ?? ':0').split(':');
let passes = 0;

const log = await openSqliteLog({
  directory: directory!,
  clock: systemClock,
  // Small, so that index slices and checkpoints happen among few commits.
  generationEvents: 200,
  indexBuckets: 32,
  sliceRows: 8,
  walPagesMax: 64,
  onFatal: () => {
    writeSync(1, 'fatal\n');
    // The appends of the failed commit are told first, then the process ends, as main does.
    setImmediate(() => process.exit(70));
  },
  atPoint(point) {
    if (point === crashPoint && ++passes === Number(crashPass)) process.kill(process.pid, 'SIGKILL');
  },
});
writeSync(1, 'ready\n');

async function write(stream: number): Promise<void> {
  let revision = (await log.read(streamName(stream), 0, 100_000)).length - 1;
  for (let n = 0; n < Number(appends); n++) {
    const events = appendAfter(stream, revision);
    const append = () => log.append(streamName(stream), revision, events);
    // A failed append is repeated once, as a client would: a log that goes on after an I/O error is found out.
    const appended = await append().catch(append);
    revision = appended.revision;
    writeSync(1, `ack ${stream} ${revision}\n`);
  }
}

const outcomes = await Promise.allSettled(Array.from({ length: Number(streams) }, (_, stream) => write(stream)));
const failed = outcomes.find((outcome) => outcome.status === 'rejected');
if (failed !== undefined) {
  writeSync(1, `error ${String(failed.reason)}\n`);
  setTimeout(() => process.exit(71), 50);
} else {
  await log.close();
  writeSync(1, 'done\n');
}
