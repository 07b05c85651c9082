// Where Tryton is not installed: a ledger in this process in its place, which says so. It books what it is told and is
// down when it should be, and that is all.
import type { ReadReply } from '../../adapters/erp/erp.ts';
import { ledgerErp } from '../support/ledger-erp.ts';
import type { Books, Line } from './books.ts';
import type { Retailer } from './retailer.ts';

const BATCH = 100;

export async function openLedgerBooks({ opening, pool }: Retailer): Promise<Books> {
  let isDown = false;
  const received: (Line & { readonly at: number })[] = [];
  const ledger = ledgerErp(BATCH);
  ledger.mishap = () => (isDown ? 'down' : undefined);
  for (const [location, stock] of opening) for (const [sku, units] of stock) ledger.book(sku, location, units);
  const read = async (_: unknown, watermark?: string): Promise<ReadReply> => {
    if (isDown) return { kind: 'retryLater', reason: 'ECONNREFUSED' };
    const facts = received.map(({ sku, location, units, at }, n) => {
      return { kind: 'receipt' as const, id: `${n}`, sku, location, quantity: units, occurredAt: at };
    });
    const from = Number(watermark ?? 0);
    return { kind: 'facts', facts: facts.slice(from), unmapped: [], watermark: `${facts.length}`, more: false };
  };
  const erp = { ...ledger, declares: { batchSizeMax: BATCH, reads: ['receipts' as const] }, read };
  const onHand = () => new Map([...ledger.onHand()].filter(([, units]) => units !== 0));
  const book = async (lines: readonly Line[]) => {
    for (const { sku, location, units } of lines) ledger.book(sku, location, units);
  };
  return {
    name: 'a ledger (Tryton is not installed)',
    async receive(lines) {
      await book(lines);
      received.push(...lines.map((line) => ({ ...line, at: Date.now() })));
    },
    book,
    async inPool() {
      const units = new Map<string, number>();
      for (const [key, n] of onHand()) {
        const [sku, location] = key.split('~') as [string, string];
        if (pool.includes(location)) units.set(sku, (units.get(sku) ?? 0) + n);
      }
      return units;
    },
    onHand: async () => onHand(),
    async setDown(down) {
      isDown = down;
    },
    connection: {
      policy: { id: 'erp', type: 'ledger', url: 'http://127.0.0.1', secretEnv: 'ERP', reads: ['receipts'] },
      env: { ERP: 'a-secret-of-the-scenario' },
      vendor: { type: 'ledger', misfits: () => [], connect: () => erp },
    },
    close: async () => {},
  };
}
