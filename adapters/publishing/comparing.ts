// Looks at every SKU that a channel has a figure of, or was ever told: in turns, because a catalogue may be a million SKUs.
import type { Surroundings } from './surroundings.ts';

const SKUS_PER_TURN = 5_000;

export async function lookAtAll(
  channel: string,
  { availability, published }: Pick<Surroundings, 'availability' | 'published'>,
  look: (sku: string) => void,
  giveWay: () => Promise<void>,
): Promise<void> {
  let looked = 0;
  const lookAt = async (sku: string) => {
    look(sku);
    looked += 1;
    if (looked % SKUS_PER_TURN === 0) await giveWay();
  };
  for (const sku of availability.skus(channel)) await lookAt(sku);
  for (const sku of published.skus(channel)) if (availability.units(channel, sku) === undefined) await lookAt(sku);
}
