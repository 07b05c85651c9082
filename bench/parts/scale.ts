// What a command costs as the system grows: with the number of SKU-locations over the embedded log, and with the
// length of a stream over the memory log with snapshots. CPU time a command, so that a waiting disk does not hide it.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { openSqliteLog } from '../../adapters/event-log/sqlite/log.ts';
import { systemClock } from '../../adapters/platform.ts';
import { openSnapshots } from '../../adapters/snapshots.ts';
import type { StockActors } from '../../server/actors/answer.ts';
import { type Figure, figure } from '../figure.ts';
import { seeded } from '../load/load.ts';
import type { Part, Room } from '../part.ts';
import { inTurns, localActors, submitOne } from '../servers/local-actors.ts';

const ACTIVE_STOCKS = 1_000;
const SAMPLES = 3;
/** Streams that grow side by side while one length is measured. */
const STREAMS_IN_FLIGHT = 2;

export const scale: Part = {
  name: 'scale',
  title: 'Cost of a command as the system grows',
  async run(room) {
    const figures: Figure[] = [];
    for (const stocks of room.sizes.scaleStocks) figures.push(...(await atStocks(room, stocks)));
    for (const events of room.sizes.streamEvents) figures.push(await atEvents(room, events));
    return figures;
  },
};

async function atStocks({ sizes, directory, progress }: Room, stocks: number): Promise<readonly Figure[]> {
  const shown = stocks.toLocaleString('en');
  progress(`${shown} SKU-locations`);
  const folder = join(directory, `scale-${stocks}`);
  mkdirSync(folder);
  const log = await openSqliteLog({ directory: folder, clock: systemClock });
  const snapshots = openSnapshots(folder, (path) => rmSync(path, { force: true }));
  const actors = localActors(log, snapshots);
  await inTurns(stocks, 2_000, (n) => submitOne(actors, 'receipt', n));
  const measure = async (id: string, title: string, among: number) => {
    const random = seeded(7);
    const pick = () => Math.floor(random() * among);
    await cpuOf(actors, sizes.calls / 4, sizes.connections, pick);
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) samples.push(await cpuOf(actors, sizes.calls / 4, sizes.connections, pick));
    return figure(`${id}.${stocks}`, `CPU a command, ${shown} SKU-locations, ${title}`, 'µs', samples);
  };
  const active = await measure(
    'scale.active',
    `${Math.min(ACTIVE_STOCKS, stocks)} of them active`,
    Math.min(ACTIVE_STOCKS, stocks),
  );
  const all = await measure('scale.all', 'all active', stocks);
  await actors.close();
  await log.close();
  snapshots.close();
  rmSync(folder, { recursive: true });
  return [active, all];
}

/** Streams of `events` events get half as many more: long enough for a snapshot to fall into it. */
async function atEvents({ sizes, directory, progress }: Room, events: number): Promise<Figure> {
  const shown = events.toLocaleString('en');
  progress(`${shown} events in a stream`);
  const more = Math.max(1, events >> 1);
  const streams = Math.max(STREAMS_IN_FLIGHT, Math.ceil(sizes.streamCommands / more));
  const folder = join(directory, `stream-${events}`);
  mkdirSync(folder);
  const log = createMemoryLog();
  const snapshots = openSnapshots(folder, (path) => rmSync(path, { force: true }));
  const actors = localActors(log, snapshots, streams + 1);
  for (let stream = 0; stream < streams; stream++)
    await inTurns(events, 500, () => submitOne(actors, 'receipt', stream));
  const samples: number[] = [];
  // Each sample takes its share of the streams from their first to their last command.
  const share = Math.max(STREAMS_IN_FLIGHT, Math.ceil(streams / SAMPLES));
  for (let from = 0; from < streams; from += share) {
    const count = Math.min(share, streams - from);
    if (count < STREAMS_IN_FLIGHT) break;
    const pick = (n: number) =>
      from + (n % STREAMS_IN_FLIGHT) + STREAMS_IN_FLIGHT * Math.floor(n / (more * STREAMS_IN_FLIGHT));
    const calls = Math.floor(count / STREAMS_IN_FLIGHT) * STREAMS_IN_FLIGHT * more;
    samples.push(await cpuOf(actors, calls, STREAMS_IN_FLIGHT, pick));
  }
  await actors.close();
  await log.close();
  snapshots.close();
  rmSync(folder, { recursive: true });
  return figure(`scale.stream.${events}`, `CPU a command, ${shown} events in its stream`, 'µs', samples);
}

/** CPU time of this process a command, µs. */
async function cpuOf(
  actors: StockActors,
  calls: number,
  inFlight: number,
  pick: (n: number) => number,
): Promise<number> {
  const before = process.cpuUsage();
  await inTurns(calls, inFlight, (n) => submitOne(actors, 'sale', pick(n)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
