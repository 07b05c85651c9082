// How ERPs are reached: the adapter that a policy names, with its secret and the names it goes by. What an ERP says of
// itself passes as what channels say does: cut, cleaned, and without our secret.

import type { Identifiers } from '../../adapters/channels/identifiers.ts';
import { createConfidence } from '../../adapters/channels/reasons.ts';
import type { Erp, ErpVendor } from '../../adapters/erp/erp.ts';
import { MissingSecret, type Secrets } from '../../adapters/secrets.ts';
import type { PolicyDocument } from '../../domain/channel/policy.ts';
import type { ErpPolicy } from '../../domain/erp/policy.ts';
import type { Clock } from '../../domain/time.ts';

export interface ErpsRoom {
  readonly vendors: readonly ErpVendor[];
  readonly secrets: Secrets;
  readonly identifiersOf: (system: string) => Identifiers;
  readonly clock: Clock;
}

export interface ErpConnections {
  /** @throws Error that names the ERP and what is missing */
  connect(policy: ErpPolicy): Erp;
  /** The first ERP that no adapter can make; undefined: none. Told before a policy is taken. */
  misfit(document: PolicyDocument): { readonly path: string; readonly detail: string } | undefined;
}

export function openErpConnections({ vendors, secrets, identifiersOf, clock }: ErpsRoom): ErpConnections {
  const byType = new Map(vendors.map((vendor) => [vendor.type, vendor]));
  return {
    connect(policy) {
      const { id, type, secretEnv } = policy;
      const vendor = byType.get(type);
      // A policy of an older version may name an adapter that is gone.
      if (vendor === undefined) throw new Error(`ERP ${id}: there is no adapter ${type}`);
      const { conceal, clean } = createConfidence();
      const secret = () => {
        const value = secrets.secret(secretEnv);
        conceal(value);
        return value;
      };
      try {
        return inConfidence(vendor.connect({ policy, secret, identifiers: identifiersOf(id), clock }), clean);
      } catch (error) {
        if (error instanceof MissingSecret) throw new Error(`ERP ${id}: ${error.message}`);
        throw error;
      }
    },
    misfit({ erps = [] }) {
      for (const [n, policy] of erps.entries()) {
        const vendor = byType.get(policy.type);
        if (vendor === undefined) {
          const known = [...byType.keys()].join(', ');
          return { path: `/erps/${n}/type`, detail: `there is no adapter ${policy.type}; there is ${known}` };
        }
        const [wrong] = vendor.misfits(policy);
        if (wrong === undefined) continue;
        const path = ['/erps', n, ...wrong.path].map(String).join('/');
        return { path, detail: `${policy.type}: ${wrong.path.join('.')}: ${wrong.message}` };
      }
      return undefined;
    },
  };
}

function inConfidence(erp: Erp, clean: (text: string) => string): Erp {
  const cleaned = <R extends object>(reply: R): R =>
    'reason' in reply && typeof reply.reason === 'string' ? { ...reply, reason: clean(reply.reason) } : reply;
  return {
    declares: erp.declares,
    post: async (movements, signal) => cleaned(await erp.post(movements, signal)),
    lookUp: async (references, signal) => cleaned(await erp.lookUp(references, signal)),
    read: async (what, watermark, signal) => cleaned(await erp.read(what, watermark, signal)),
    readStatement: (location) => {
      const read = erp.readStatement(location);
      return async (cursor, signal) => cleaned(await read(cursor, signal));
    },
  };
}
