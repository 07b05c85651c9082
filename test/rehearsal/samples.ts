// What is looked at while a rehearsal is played: how much waits and for how long, and how wrong the figures are.
import type { Curve as CurveOver } from '../support/curve-panels.ts';
import type { World } from './world.ts';

export interface Sample {
  readonly minute: number;
  /** False: nobody answers. */
  readonly isUp: boolean;
  /** SKUs that the marketplace must still be told. */
  readonly backlog: number;
  /** Minutes the oldest of them has waited. */
  readonly age: number;
  /** Units by which what the marketplace shows differs from what it should by the shelves, over all SKUs. */
  readonly wrong: number;
  /** Of them, units that it shows and nobody has. */
  readonly tooMany: number;
  /** Events that the ERP must still be told. */
  readonly erp: number;
  /** Sales and orders that nobody has acknowledged yet. */
  readonly unsaid: number;
}

export type Curve = CurveOver<Sample>;

export const BACKLOG: Curve = { title: 'SKUs the marketplace must be told', of: ({ backlog }) => backlog };
export const AGE: Curve = { title: 'oldest of them, minutes', of: ({ age }) => age };
export const WRONG: Curve = { title: 'ATS error: units shown wrong, by the shelves', of: ({ wrong }) => wrong };
export const TOO_MANY: Curve = { title: 'units shown that nobody has', of: ({ tooMany }) => tooMany };
export const ERP_QUEUE: Curve = { title: 'events the ERP must be told', of: ({ erp }) => erp };
export const UNSAID: Curve = { title: 'sales and orders not acknowledged yet', of: ({ unsaid }) => unsaid };
export const UP: Curve = { title: 'Evenstock answers (1) or not (0)', of: ({ isUp }) => (isUp ? 1 : 0) };

export function createSampler(world: World) {
  const samples: Sample[] = [];
  return {
    samples: samples as readonly Sample[],
    async take(): Promise<void> {
      const { evenstock } = world;
      const isUp = evenstock !== undefined && (await world.get('/readyz')) !== undefined;
      const status = evenstock?.publishing.status('marketplace');
      const last = samples.at(-1);
      samples.push({
        ...{ minute: world.minute(), isUp },
        backlog: status === undefined ? (last?.backlog ?? 0) : status.backlog + status.inFlight,
        age: (status?.oldestBacklogAgeMs ?? 0) / 60_000,
        ...errors(world),
        erp: evenstock?.running.processes.erps.status('books')?.waiting ?? last?.erp ?? 0,
        unsaid: world.owed(),
      });
    },
  };
}

/** What it should show: what Evenstock says, had it heard of everything that left or came to a shelf. */
function errors(world: World): Pick<Sample, 'wrong' | 'tooMany'> {
  const { evenstock, skus, stores, warehouse, shelves, marketplace } = world;
  let wrong = 0;
  let tooMany = 0;
  for (const sku of skus) {
    const shown = marketplace.listings.get(sku)?.units ?? 0;
    const lying = [warehouse, ...stores].reduce((sum, location) => sum + shelves.get(`${sku}~${location}`)!, 0);
    tooMany += Math.max(0, shown - lying);
    if (evenstock === undefined) continue;
    const { availability } = evenstock.readModel;
    const unheard = [warehouse, ...stores].reduce((sum, location) => {
      const known = availability.stock(sku as never, location as never)?.levels.onHand ?? 0;
      return sum + known - shelves.get(`${sku}~${location}`)!;
    }, 0);
    const should = Math.max(0, (availability.units('marketplace', sku) ?? 0) - unheard);
    wrong += Math.abs(shown - should);
  }
  return { wrong, tooMany };
}
