// docs/playbooks/corrupted-checkpoint.md
import { openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Rehearsal } from '../rehearsal.ts';
import { BACKLOG, UNSAID, UP } from '../samples.ts';
import type { World } from '../world.ts';

const CACHES = /^(projections|snapshots|checkpoints)\.sqlite$/;
const GARBAGE = Buffer.alloc(4_096, 0xa5);

/** From their second page on: files that look whole. */
async function damage(world: World): Promise<void> {
  await world.stop();
  for (const name of readdirSync(world.directory)) {
    if (!CACHES.test(name)) continue;
    const file = openSync(join(world.directory, name), 'r+');
    const { size } = statSync(join(world.directory, name));
    for (let at = GARBAGE.length; at < size; at += 2 * GARBAGE.length) writeSync(file, GARBAGE, 0, GARBAGE.length, at);
    world.note('damaged');
  }
}

export const corruptedCheckpoint: Rehearsal = {
  name: 'corrupted-checkpoint',
  title: 'Caches and checkpoints are damaged; the log is whole',
  minutes: 40,
  speed: 100,
  sales: { tills: 20, web: 10, marketplace: 5 },
  acts: [
    { at: 12, says: 'the machine fails; projections, snapshots and checkpoints are garbage', by: 'fault', do: damage },
    { at: 15, says: 'it is started: the log is read again', by: 'people', do: (world) => world.start() },
  ],
  curves: [UP, UNSAID, BACKLOG],
  checks: ({ noted }) => [
    { what: 'files were damaged', holds: noted('damaged') >= 2, found: `${noted('damaged')} files` },
  ],
};
