// docs/playbooks/bad-deploy.md
import type { Rehearsal } from '../rehearsal.ts';
import { BACKLOG, UNSAID, UP } from '../samples.ts';
import type { World } from '../world.ts';

/** The new version comes with a policy that contradicts itself. */
async function deploy(world: World): Promise<void> {
  await world.stop();
  try {
    await world.start((document) => ({
      ...document,
      version: 'bad-deploy',
      channels: [{ id: 'marketplace', locations: ['no-such-location'] }],
    }));
  } catch (error) {
    world.note(String(error).includes('no-such-location') ? 'refused with its reason' : 'refused');
  }
}

export const badDeploy: Rehearsal = {
  name: 'bad-deploy',
  title: 'A new version does not start, and is rolled back',
  minutes: 30,
  speed: 60,
  sales: { tills: 30, web: 15, marketplace: 5 },
  acts: [
    { at: 8, says: 'the old one is stopped, the new one refuses to start', by: 'fault', do: deploy },
    { at: 11, says: 'rolled back', by: 'people', do: (world) => world.start() },
    {
      at: 20,
      says: 'the next one starts',
      by: 'people',
      async do(world) {
        await world.stop();
        await world.start();
      },
    },
  ],
  curves: [UP, UNSAID, BACKLOG],
  checks: ({ noted }) => [
    {
      what: 'the refusal named what is wrong',
      holds: noted('refused with its reason') === 1,
      found: noted('refused with its reason') === 1 ? 'channels, no-such-location' : 'another reason, or none',
    },
  ],
};
