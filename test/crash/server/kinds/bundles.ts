// Bundles of two of one SKU and one of another, sold, or reserved and then sold or given back.
import { expect } from 'vitest';
import { fact, history, type Kind, minutesAgo, type Step } from '../stories.ts';

const LOCATION = 'warehouse';
const RECEIVED = 100_000;
export const KIT = {
  sku: 'KIT',
  components: [
    { sku: 'K-A', quantity: 2 },
    { sku: 'K-B', quantity: 1 },
  ],
};
/** The last story of three is given back. */
const isSold = (n: number) => n % 3 !== 2;

function reserved(n: number): readonly Step[] {
  const hold = { sku: KIT.sku, location: LOCATION, reservationId: `basket-${n}`, occurredAt: minutesAgo(1) };
  const made = { ...hold, owner: 'buyer', channel: 'webshop', quantity: 1, expiresAt: minutesAgo(-60) };
  return [
    fact({ ...made, type: 'reservation.make', id: `k-${n}-make` }),
    fact({ ...hold, type: 'reservation.commit', id: `k-${n}-commit` }),
    isSold(n)
      ? fact({ ...hold, type: 'fulfilment', id: `k-${n}-out`, quantity: 1 })
      : fact({ ...hold, type: 'reservation.release', id: `k-${n}-release` }),
  ];
}

export const BUNDLES: Kind = {
  name: 'bundles',
  clients: 3,
  story: (n) => [
    ...KIT.components.map(({ sku }) =>
      fact({ type: 'receipt', id: `in-${sku}`, sku, location: LOCATION, quantity: RECEIVED, occurredAt: STARTED }),
    ),
    ...(n % 3 === 0
      ? [fact({ type: 'sale', id: `k-${n}-sale`, sku: KIT.sku, location: LOCATION, quantity: 1 })]
      : reserved(n)),
  ],
  async check(ask, stories) {
    let sold = 0;
    for (let n = 0; n < stories; n++) if (isSold(n)) sold += 1;
    // What a sale owes its components follows by itself: it was answered `"settled": false`.
    for (const { sku, quantity } of KIT.components) {
      const levels = async () => (await history(ask, sku, LOCATION)).at(-1)?.levels;
      const wanted = { onHand: RECEIVED - sold * quantity, reserved: 0 };
      await expect.poll(levels, { timeout: 5_000, message: sku }).toMatchObject(wanted);
    }
  },
};

const STARTED = new Date(Date.now() - 3_600_000).toISOString();
