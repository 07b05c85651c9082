// docs/playbooks/erp-maintenance.md
import type { Rehearsal } from '../rehearsal.ts';
import { BACKLOG, ERP_QUEUE, UNSAID } from '../samples.ts';
import type { World } from '../world.ts';

const BEGINS = 60;
const ENDS = 180;
const BACK = 210;
const HOUR_MINUTE = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' } as const;
const at = ({ now, minute }: World, then: number) =>
  new Intl.DateTimeFormat('en-GB', HOUR_MINUTE).format(now() + (then - minute()) * 60_000);

async function planWindow(world: World): Promise<void> {
  const windows = [{ from: at(world, BEGINS), to: at(world, ENDS), timeZone: 'UTC' }];
  await world.applyPolicy((document) => {
    return { ...document, erps: document.erps?.map((erp) => ({ ...erp, windows })) };
  }, 'maintenance of the ERP');
}

export const erpMaintenance: Rehearsal = {
  name: 'erp-maintenance',
  title: 'The ERP is in maintenance for two hours, and comes back half an hour late',
  minutes: 270,
  speed: 800,
  sales: { tills: 5, web: 2, marketplace: 2 },
  acts: [
    { at: 20, says: 'the window is planned, as a policy', by: 'people', do: planWindow },
    {
      // Policy is written in minutes.
      at: BEGINS + 2,
      says: 'the window: it is not called',
      by: 'fault',
      do: (world) => world.note('calls before', world.erp.calls.post + world.erp.calls.lookUp),
    },
    {
      at: ENDS - 2,
      says: 'the window is over, and the ERP is still down',
      by: 'fault',
      do(world) {
        world.note('calls in the window', world.erp.calls.post + world.erp.calls.lookUp - world.noted('calls before'));
        world.erp.mishap = () => 'down';
      },
    },
    {
      at: BACK,
      says: 'it is up; every tenth answer of it is lost',
      by: 'fault',
      do({ erp, random }) {
        erp.mishap = (call) => (call === 'post' && random() < 0.1 ? 'lost-after' : undefined);
      },
    },
  ],
  curves: [ERP_QUEUE, BACKLOG, UNSAID],
  checks({ erp, noted }) {
    const references = new Set(erp.booked.map(({ reference }) => reference));
    const lastOf = new Map<string, number>();
    let late = 0;
    for (const { sku, location, recordedAt } of erp.booked) {
      if (recordedAt < (lastOf.get(`${sku}~${location}`) ?? 0)) late += 1;
      lastOf.set(`${sku}~${location}`, recordedAt);
    }
    return [
      {
        what: 'it was not called in its window',
        holds: noted('calls in the window') <= 1,
        found: `${noted('calls in the window')} calls`,
      },
      {
        what: 'each movement is in its books once',
        holds: references.size === erp.booked.length,
        found: `${erp.booked.length} movements, ${erp.booked.length - references.size} twice`,
      },
      {
        what: 'in the order in which they were recorded, stock by stock',
        holds: late === 0,
        found: `${late} out of order`,
      },
    ];
  },
};
