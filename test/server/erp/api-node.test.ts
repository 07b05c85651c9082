// A node that only serves (NODE_ROLE=api) posts to no ERP: asked for one that the policy knows it says so, and never that there is none.
import { expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { ledgerErp } from '../../support/ledger-erp.ts';
import { startProduct } from '../../support/product.ts';

it('says that another node posts to it', async () => {
  const erp = ledgerErp(5);
  const product = await startProduct({
    env: { NODE_ROLE: 'api', ERP: canarySecret('erp') },
    erpVendors: [{ type: 'ledger', misfits: () => [], connect: () => erp }],
    policy: { erps: [{ id: 'books', type: 'ledger', url: 'http://erp.example', secretEnv: 'ERP' }] },
  });
  try {
    const elsewhere = { status: 503, body: { reason: 'unavailable', detail: expect.stringMatching(/NODE_ROLE=api/) } };
    expect(await product.get('/v1/erps')).toMatchObject(elsewhere);
    expect(await product.get('/v1/erps/books')).toMatchObject(elsewhere);
    expect(await product.post('/v1/erps/books/retry', {})).toMatchObject(elsewhere);
    const dismissal = { references: ['x'], reason: 'booked by hand' };
    expect(await product.post('/v1/erps/books/dismiss', dismissal)).toMatchObject(elsewhere);
    const unknown = { status: 404, body: { reason: 'unknown-erp' } };
    expect(await product.get('/v1/erps/other')).toMatchObject(unknown);
    expect(await product.post('/v1/erps/other/retry', {})).toMatchObject(unknown);
  } finally {
    await product.close();
  }
});
