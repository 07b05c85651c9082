// Whoever sends a command gets an answer, also when the log cannot be asked for it; what is no bundle goes straight through.
import { describe, expect, it } from 'vitest';
import { newHandling } from '../../../domain/bundle/handling.ts';
import { START, Unavailable } from '../../../domain/event-log.ts';
import type { StockActors } from '../../../server/actors/answer.ts';
import { type BundledStocksOptions, bundledStocks } from '../../../server/bundles/bundled-stocks.ts';
import { command } from '../../support/actors.ts';

const taken = new Map([
  [
    's-1',
    { event: 'BundleSold' as const, revision: 0, settled: true, version: '1', components: [], refusal: undefined },
  ],
]);
const passed: string[] = [];
const stocks: StockActors = {
  async submit(envelope) {
    passed.push(envelope.command.sku);
    return { outcome: 'refused', reason: 'stock-frozen', detail: 'as the stock says' };
  },
  stats: () => ({ resident: 0, waiting: 0 }),
  close: async () => {},
};
const state = { ...newHandling('KIT~store-1~c~s-1'), told: taken };
const repeated = { outcome: 'accepted', duplicate: true, settled: true, state, revision: 0, position: START } as const;

function bundled(more: Partial<BundledStocksOptions<StockActors>> = {}) {
  return bundledStocks({
    stocks,
    workflows: {
      submit: async () => repeated,
      resume: async () => {},
      state: async () => undefined,
      close: async () => {},
    },
    log: { head: async () => 7n },
    isBundle: (sku) => sku === 'KIT',
    isOfStock: () => false,
    ...more,
  });
}
const sale = (sku: string) => ({ command: command({ type: 'sale', id: 's-1', sku, quantity: 1 }), client: 'test' });
const down = () => Promise.reject(new Unavailable('down', 'planted'));

describe('stocks that know bundles', () => {
  it('answer a repeat as it was, at a position from which it can be read', async () => {
    expect(await bundled().submit(sale('KIT'))).toMatchObject({ outcome: 'accepted', duplicate: true, position: 7n });
  });

  it('say that the outcome is not known when the log cannot be asked, and never reject', async () => {
    const unknown = { outcome: 'failed', reason: 'unknown-outcome', detail: 'planted' };
    expect(await bundled({ log: { head: down } }).submit(sale('KIT'))).toMatchObject(unknown);
    expect(await bundled({ isOfStock: down }).submit(sale('KIT'))).toMatchObject(unknown);
  });

  it('leave everything else to the stock: other SKUs, and what no bundle takes', async () => {
    passed.length = 0;
    await bundled().submit(sale('A'));
    await bundled().submit({ command: command({ type: 'count', sku: 'KIT', counted: 3 }), client: 'test' });
    await bundled({ isOfStock: () => true }).submit(sale('KIT'));
    const alone = { type: 'reservation.expire', sku: 'A', reservationId: 'basket-1' } as const;
    await bundled().submit({ command: command(alone), client: 'evenstock' });
    expect(passed).toEqual(['A', 'KIT', 'KIT', 'A']);
  });
});
