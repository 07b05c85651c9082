// docs/playbooks/flash-sale.md
import type { Rehearsal } from '../rehearsal.ts';
import { AGE, BACKLOG, TOO_MANY, UNSAID } from '../samples.ts';
import type { World } from '../world.ts';

function holdBack(world: World): Promise<void> {
  return world.applyPolicy((document) => {
    const channels = document.channels?.map((channel) =>
      channel.id === 'marketplace' ? { ...channel, buffer: 20 } : channel,
    );
    return { ...document, ...(channels === undefined ? {} : { channels }) };
  }, 'flash sale');
}

export const flashSale: Rehearsal = {
  name: 'flash-sale',
  title: 'Three SKUs sell out online in minutes',
  minutes: 12,
  speed: 40,
  sales: { tills: 0, web: 150, marketplace: 60 },
  world: () => ({ skus: 3, unitsEach: 40 }),
  acts: [
    {
      at: 0.2,
      says: 'before it begins: 20 units of each are held back from the marketplace',
      by: 'people',
      do: holdBack,
    },
    { at: 1, says: 'everybody comes', by: 'fault', do() {} },
  ],
  curves: [BACKLOG, AGE, TOO_MANY, UNSAID],
  async checks(world) {
    const { noted } = world;
    const cases = (await world.get('/v1/cases?kind=shortfall&limit=500')) as { counts: { total: number } };
    const short = noted('short: marketplace');
    return [
      {
        what: 'no buyer of the web shop was promised what nobody has',
        holds: noted('empty shelf: webshop') === 0 && noted('short: webshop') === 0,
        found: `${noted('taken: webshop')} taken, ${noted('refused: webshop')} told before paying`,
      },
      {
        what: 'each order of the marketplace that is short is a case',
        holds: cases.counts.total === short,
        found: `${noted('taken: marketplace')} orders, ${short} short, ${cases.counts.total} cases`,
      },
    ];
  },
};
