// An ERP in memory whose books can be compared to the unit, and which can do everything that a real one does to a caller:
// be down, deny, refuse one movement, lose its answer after it committed, or before.
import type { Erp, LookUpReply, PostReply } from '../../adapters/erp/erp.ts';
import type { Movement } from '../../domain/erp/movement.ts';

export type Mishap = 'down' | 'lost-before' | 'lost-after' | 'denied' | 'throws-after';

export interface LedgerErp extends Erp {
  /** In the order in which they were booked. */
  readonly booked: readonly Movement[];
  /** Decides what becomes of the next call; undefined: all is well. */
  mishap: (call: 'post' | 'lookUp') => Mishap | undefined;
  /** Movements it will not take, with why. */
  refuses: (movement: Movement) => { readonly reason: string; readonly unmapped?: 'sku' } | undefined;
  /** Whether a refusal says which movement is at fault. */
  namesFault: boolean;
  readonly calls: { post: number; lookUp: number };
  /** Somebody there books units by themselves. */
  book(sku: string, location: string, units: number): void;
  /** By `sku~location`. */
  onHand(): ReadonlyMap<string, number>;
}

export function ledgerErp(batchSizeMax = 10): LedgerErp {
  const booked: Movement[] = [];
  const ids = new Map<string, string>();
  const calls = { post: 0, lookUp: 0 };
  const commit = (movements: readonly Movement[]) => {
    for (const movement of movements) {
      booked.push(movement);
      ids.set(movement.reference, `${booked.length}`);
    }
  };
  const idsOf = (references: readonly string[]) =>
    new Map(references.flatMap((reference) => (ids.has(reference) ? [[reference, ids.get(reference)!]] : [])));
  const erp: LedgerErp = {
    declares: { batchSizeMax, reads: [] },
    booked,
    calls,
    mishap: () => undefined,
    refuses: () => undefined,
    namesFault: false,
    async post(movements): Promise<PostReply> {
      calls.post += 1;
      const mishap = erp.mishap('post');
      if (mishap === 'down') return { kind: 'retryLater', reason: 'ECONNREFUSED' };
      if (mishap === 'denied') return { kind: 'denied', reason: '401' };
      if (mishap === 'lost-before') return { kind: 'unknown', reason: 'timeout' };
      const bad = movements.find((movement) => erp.refuses(movement) !== undefined);
      if (bad !== undefined) {
        const named = erp.namesFault || movements.length === 1 ? { reference: bad.reference } : {};
        return { kind: 'refused', ...erp.refuses(bad)!, ...named };
      }
      commit(movements);
      if (mishap === 'lost-after') return { kind: 'unknown', reason: 'reset' };
      if (mishap === 'throws-after') throw new Error('planted');
      return { kind: 'confirmed', ids: idsOf(movements.map(({ reference }) => reference)) };
    },
    async lookUp(references): Promise<LookUpReply> {
      calls.lookUp += 1;
      const mishap = erp.mishap('lookUp');
      if (mishap === 'denied') return { kind: 'denied', reason: '401' };
      if (mishap !== undefined) return { kind: 'retryLater', reason: 'ECONNREFUSED' };
      return { kind: 'found', ids: idsOf(references) };
    },
    async read() {
      return { kind: 'facts', facts: [], unmapped: [], watermark: '0', more: false };
    },
    readStatement: () => async () => ({ kind: 'denied', reason: 'no statements' }),
    book(sku, location, units) {
      const at = 0;
      const times = { occurredAt: at, recordedAt: at, event: '' };
      const reference = `own-${booked.length}`;
      commit([{ reference, kind: 'receipt', sku, location, from: 'supplier', to: 'stock', quantity: units, ...times }]);
    },
    onHand() {
      const units = new Map<string, number>();
      for (const { sku, location, from, to, quantity } of booked) {
        const change = (to === 'stock' ? quantity : 0) - (from === 'stock' ? quantity : 0);
        units.set(`${sku}~${location}`, (units.get(`${sku}~${location}`) ?? 0) + change);
      }
      return units;
    },
  };
  return erp;
}
