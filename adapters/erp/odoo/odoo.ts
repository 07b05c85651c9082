// Odoo (17 and later, JSON-RPC): what the product's ERP port is in its terms. No real Odoo was run: it is checked against a
// simulator of the documented calls (docs/erp/odoo.md).
import { z } from 'zod';
import { orSame } from '../../channels/identifiers.ts';
import type { Erp, ErpChannel, ErpVendor } from '../erp.ts';
import { createOdooNames } from './names.ts';
import { lookUpInOdoo, postToOdoo } from './post.ts';
import { type OdooReading, readOdoo, readOdooStatement } from './read.ts';
import { createOdoo } from './rpc.ts';

const Settings = z.strictObject({});
const BATCH_SIZE_MAX = 25;

export function connectOdoo({ policy, secret, identifiers: mapped, clock }: ErpChannel): Erp {
  const { url, database = '', user = '' } = policy;
  const { now } = clock;
  const identifiers = orSame(mapped);
  const odoo = createOdoo({ url, database, user, password: secret(), now });
  const since = policy.since === undefined ? now() : Date.parse(policy.since);
  const books: OdooReading = { odoo, names: createOdooNames(odoo, identifiers, now), identifiers, now, since };
  return {
    declares: { batchSizeMax: BATCH_SIZE_MAX, reads: ['receipts', 'counts'] },
    post: (movements, signal) => postToOdoo(books, movements, signal),
    lookUp: (references, signal) => lookUpInOdoo(books, references, signal),
    read: (what, watermark, signal) => readOdoo(books, what, watermark, signal),
    readStatement: (location) => readOdooStatement(books, location),
  };
}

export const odooVendor: ErpVendor = {
  type: 'odoo',
  misfits({ settings, database, user }) {
    const wrong = Settings.safeParse(settings ?? {}).error?.issues ?? [];
    const missing = Object.entries({ database, user }).filter(([, value]) => value === undefined);
    return [
      ...missing.map(([name]) => ({ path: [name], message: 'is needed for Odoo' })),
      ...wrong.map(({ path, message }) => ({ path: ['settings', ...path], message })),
    ];
  },
  connect: connectOdoo,
};
