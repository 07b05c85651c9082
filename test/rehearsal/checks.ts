// What must hold at the end of every rehearsal: nothing that was acknowledged is lost or counted twice, and all agree.
import { START } from '../../domain/event-log.ts';
import type { World } from './world.ts';

export interface Check {
  readonly what: string;
  readonly holds: boolean;
  /** In figures. */
  readonly found: string;
}

const PAGE = 5_000;

export async function commonChecks(world: World): Promise<readonly Check[]> {
  const { evenstock, skus, stores, warehouse, shelves, erp, marketplace } = world;
  if (evenstock === undefined) return [{ what: 'Evenstock is up at the end', holds: false, found: 'it is down' }];
  const stocks = skus.flatMap((sku) => [warehouse, ...stores].map((location) => ({ sku, location })));
  const onHand = ({ sku, location }: { readonly sku: string; readonly location: string }) =>
    evenstock.readModel.availability.stock(sku as never, location as never)?.levels.onHand ?? 0;
  const offShelf = stocks.filter((stock) => onHand(stock) !== shelves.get(`${stock.sku}~${stock.location}`));
  const books = erp.onHand();
  const offBooks = stocks.filter((stock) => onHand(stock) !== (books.get(`${stock.sku}~${stock.location}`) ?? 0));
  const units = (sku: string) => evenstock.readModel.availability.units('marketplace', sku) ?? 0;
  const offShown = skus.filter((sku) => units(sku) !== (marketplace.listings.get(sku)?.units ?? 0));
  const { events, commands, twice } = await commandsOf(world);
  return [
    check(`nothing lost, nothing doubled: all ${stocks.length} stocks are what lies on the shelves`, offShelf.length),
    check(
      `every command has one event (${commands.toLocaleString('en')} commands, ${events.toLocaleString('en')} events)`,
      twice,
    ),
    check(`the marketplace shows all ${skus.length} SKUs as it should`, offShown.length),
    check('the books of the ERP are ours, to the unit', offBooks.length),
    check('everything that was sold was acknowledged', world.owed()),
  ];
}

export function check(what: string, wrong: number): Check {
  return { what, holds: wrong === 0, found: wrong === 0 ? 'none differ' : `${wrong} differ` };
}

async function commandsOf({ evenstock }: World) {
  const seen = new Map<string, number>();
  let events = 0;
  for (let after = START; ; ) {
    const page = await evenstock!.log.readAll(after, PAGE);
    if (page.length === 0) break;
    for (const { stream, data } of page) {
      events += 1;
      const id = data['commandId'];
      if (stream.startsWith('stock-') && typeof id === 'string')
        seen.set(`${stream} ${id}`, (seen.get(`${stream} ${id}`) ?? 0) + 1);
    }
    after = page.at(-1)!.position;
  }
  return { events, commands: seen.size, twice: [...seen.values()].filter((count) => count > 1).length };
}
