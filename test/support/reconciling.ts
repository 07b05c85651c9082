// Reconciliation over HTTP, in the words of its tests.
import { ReconciliationAnswer, ReconciliationReport } from '../../server/routes/openapi/reconciliation.ts';
import type { Product } from './product.ts';

type Answer = ReturnType<typeof ReconciliationAnswer.parse>;
type Report = ReturnType<typeof ReconciliationReport.parse>;

export interface Reconciling {
  receive(sku: string, quantity: number, location?: string): Promise<unknown>;
  /** Asks the marketplace for its statement, and waits for the end of the run. */
  compare(body?: Record<string, unknown>): Promise<Answer>;
  upload(query: string, body: string, type?: string): Promise<Response>;
  report(id: string): Promise<Report>;
}

export function reconciling(product: () => Product): Reconciling {
  return {
    receive: (sku, quantity, location = 'warehouse') => product().command({ type: 'receipt', sku, quantity, location }),
    async compare(body = { channel: 'marketplace' }) {
      const { status, body: answer } = await product().post('/v1/reconciliations?wait=20', body);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(answer)}`);
      return ReconciliationAnswer.parse(answer);
    },
    upload: (query, body, type = 'text/csv') =>
      product().send(`/v1/reconciliations?wait=20&${query}`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      }),
    report: async (id) => ReconciliationReport.parse((await product().get(`/v1/reconciliations/${id}`)).body),
  };
}

/** An hour: a row that changed so long ago is no sale on its way. */
export const longAgo = () => Date.now() - 3_600_000;
