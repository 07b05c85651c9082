// docs/playbooks/marketplace-outage.md
import type { Rehearsal } from '../rehearsal.ts';
import { AGE, BACKLOG, TOO_MANY } from '../samples.ts';
import type { World } from '../world.ts';

const BEGINS = 30;
const ENDS = 120;
/** Until then it is noticed that it is down. */
const NOTICED = BEGINS + 10;
const PROBES_A_MINUTE = 2;

const calls = ({ marketplace }: World) => marketplace.log.count('publish');

export const marketplaceOutage: Rehearsal = {
  name: 'marketplace-outage',
  title: 'A marketplace is down for an hour and a half',
  minutes: 180,
  speed: 600,
  sales: { tills: 4, web: 2, marketplace: 2 },
  world: () => ({ marketplace: { whenFailing: { decision: 'lower', afterMinutes: 10, percentage: 50 } } }),
  acts: [
    {
      at: BEGINS,
      says: 'the marketplace answers 503',
      by: 'fault',
      do: ({ marketplace }) => marketplace.setFaults({ kind: 'unavailable' }),
    },
    {
      at: NOTICED,
      says: 'by policy: half of the pool from now on, when it can be told',
      by: 'people',
      do: (world) => world.note('calls before', calls(world)),
    },
    {
      at: ENDS,
      says: 'it answers again',
      by: 'fault',
      do(world) {
        world.note('calls in the outage', calls(world) - world.noted('calls before'));
        world.marketplace.setFaults({});
      },
    },
  ],
  curves: [BACKLOG, AGE, TOO_MANY],
  checks(world, samples) {
    const most = Math.max(...samples.map(({ backlog }) => backlog));
    const probes = world.noted('calls in the outage');
    const probesMax = (ENDS - NOTICED) * PROBES_A_MINUTE + 2;
    return [
      {
        what: 'what waits is bounded by the catalogue, not by traffic',
        holds: most <= world.skus.length,
        found: `${most} of ${world.skus.length} SKUs`,
      },
      {
        what: 'one probe in 30 seconds, no more',
        holds: probes > 0 && probes <= probesMax,
        found: `${probes} calls in ${ENDS - NOTICED} minutes`,
      },
    ];
  },
};
