// The retailer's policy in Evenstock: what a sensible one would write. By day the online channels hold back a little of what
// sells fast (lag-priced), and a store that has been silent for half an hour no longer counts (the playbook of a store that
// is offline). At night nothing is held back.
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { Books } from './books.ts';
import type { Retailer } from './retailer.ts';
import type { Shop } from './shops.ts';
import type { SquareTill } from './square-till.ts';

export interface Systems {
  readonly shops: readonly Shop[];
  readonly squareTills: readonly SquareTill[];
  readonly books: Books;
}

export interface Phase {
  readonly isNight?: boolean;
  /** A store that nothing is shown of. */
  readonly closed?: string | undefined;
}

const LAG_PRICED = { targetOversellProbability: 0.02, unitsMax: 3, halfLifeHours: 1 } as const;
const ALL_OF_IT = 1_000_000;

export function policyOf(
  { stores, warehouse, pool }: Retailer,
  { shops, squareTills, books }: Systems,
  { isNight = false, closed }: Phase,
): Omit<PolicyDocumentJson, 'version'> {
  const online = shops.map(({ channel, connector }) => {
    return { id: channel, locations: [...pool], connector, ...(isNight ? {} : { lagPriced: LAG_PRICED }) };
  });
  return {
    locations: [
      { id: warehouse },
      ...stores.map(({ id }) => (id === closed ? { id, safetyStock: ALL_OF_IT } : { id })),
    ],
    channels: [...online, ...squareTills.map(({ policy }) => policy)],
    orders: { sourcing: 'balance' },
    erps: [books.connection.policy],
  };
}
