// docs/playbooks/store-offline.md
import type { Rehearsal } from '../rehearsal.ts';
import { TOO_MANY, UNSAID, WRONG } from '../samples.ts';
import type { World } from '../world.ts';

const STORE = 'store-1';
const others = ({ warehouse, stores }: World) => [warehouse, ...stores.filter((store) => store !== STORE)];

/** The store goes on selling in its own shop only. */
async function takeOffline(world: World): Promise<void> {
  const pool = others(world);
  await world.applyPolicy((document) => {
    const channels = document.channels?.map((channel) => ({ ...channel, locations: pool }));
    return { ...document, ...(channels === undefined ? {} : { channels }) };
  }, 'store-1 is offline');
}

export const storeOffline: Rehearsal = {
  name: 'store-offline',
  title: 'A store is offline for six hours and goes on selling',
  minutes: 480,
  speed: 1_200,
  sales: { tills: 6, web: 1, marketplace: 1 },
  acts: [
    {
      at: 60,
      says: 'store-1 is offline; its till keeps what it sells',
      by: 'fault',
      do: ({ offline }) => void offline.add(STORE),
    },
    { at: 75, says: 'its stock is taken out of the online pool', by: 'people', do: takeOffline },
    {
      at: 420,
      says: 'it is back: one upload, shuffled, a part of it twice',
      by: 'fault',
      do: ({ offline }) => void offline.delete(STORE),
    },
    {
      at: 440,
      says: 'its stock is sold online again',
      by: 'people',
      do: (world) => world.applyPolicy((document) => document, 'store-1 is back'),
    },
  ],
  curves: [UNSAID, WRONG, TOO_MANY],
  async checks(world) {
    const till = (await world.get(`/v1/tills/till-${STORE}`)) as
      | { arrived?: { highest: number; missing: number } }
      | undefined;
    return [
      {
        what: 'no line of the till is missing',
        holds: till?.arrived?.missing === 0,
        found: `${till?.arrived?.highest} lines, ${till?.arrived?.missing} missing`,
      },
      {
        what: 'no picker was sent to an empty shelf',
        holds: world.noted('empty shelf: webshop') + world.noted('empty shelf: marketplace') === 0,
        found: `${world.noted('empty shelf: webshop') + world.noted('empty shelf: marketplace')} orders`,
      },
    ];
  },
};
