// Exception cases of an ERP: what it refuses or does not know, by SKU, because later movements of the SKU wait behind; and
// that it has not answered for too long. All close by themselves when the cause is gone.

import type { ParkedMovement } from '../../domain/erp/events.ts';
import type { CaseKind, CaseSink } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';

export interface ErpCases {
  /** `first` of a lane: what the ERP said no to. `units`: all that wait. */
  parked(first: ParkedMovement, units: number): void;
  posted(sku: string): void;
  /** Something that cannot be posted holds up everything. */
  held(key: string, reason: string): void;
  silent(reason: string, waiting: number): void;
  answered(): void;
  /** `name`: `sku:<its id>` or `location:<its id>`. */
  unmapped(name: string): void;
  mapped(name: string): void;
}

const OF_SKU: readonly CaseKind[] = ['unmapped-sku', 'refused-publish'];

export function erpCases(erp: string, sink: CaseSink): ErpCases {
  const skuKey = (sku: string) => `${erpPrefix(erp)}sku:${sku}`;
  const silentKey = `erp:${erp}`;
  // Of the process before, too.
  const lasting = new Set([`breaker-open ${silentKey}`]);
  const last = (kind: CaseKind, key: string) => lasting.add(`${kind} ${key}`);
  return {
    parked({ movement, reason, why, position }, units) {
      const { reference, sku, location, kind, quantity, event } = movement;
      const isUnmapped = why === 'unmapped';
      sink.raise({
        kind: isUnmapped ? 'unmapped-sku' : 'refused-publish',
        key: skuKey(sku),
        subject: { sku, location, source: erp, event },
        detail: `${erp} ${isUnmapped ? 'does not know' : 'refused'} ${kind} of ${quantity} of ${sku} at ${location}: ${reason}; later movements of the SKU wait behind it`,
        proposals: [
          isUnmapped ? 'map the name, or add it to the ERP, then retry' : 'mend it in the ERP, then retry',
          'retry: all movements of the SKU are posted in order',
          // Given up is for good, and may not come of putting a case aside.
          `give it up for good: evenstock erp dismiss ${erp} ${reference} --reason '…', or POST /v1/erps/${erp}/dismiss; the books then differ by it. Dismissing this case does not: it goes on waiting`,
        ],
        units,
        position: BigInt(position),
      });
    },
    posted(sku) {
      for (const kind of OF_SKU) sink.cleared(kind, skuKey(sku));
    },
    held(key, reason) {
      last('poison-message', `${erpPrefix(erp)}${key}`);
      sink.raise({
        kind: 'poison-message',
        key: `${erpPrefix(erp)}${key}`,
        subject: { source: erp, event: key },
        detail: `nothing is posted to ${erp}: ${reason}`,
        proposals: ['mend it, then retry'],
      });
    },
    silent(reason, waiting) {
      last('breaker-open', silentKey);
      sink.raise({
        kind: 'breaker-open',
        key: silentKey,
        subject: { source: erp },
        detail: `${erp} does not take movements: ${reason}; ${plural(waiting, 'event waits', 'events wait')}`,
        proposals: [
          'look whether it is up, and whether its address, user and secret are right',
          'plan a maintenance window by policy',
        ],
      });
    },
    answered() {
      for (const one of lasting) {
        const [kind, ...key] = one.split(' ');
        sink.cleared(kind as CaseKind, key.join(' '));
      }
      lasting.clear();
    },
    unmapped(name) {
      sink.raise({
        kind: 'unmapped-sku',
        key: `${erpPrefix(erp)}tells:${name}`,
        subject: { source: erp },
        detail: `${erp} tells of ${name.replace(':', ' ')}, which is not mapped: what it received or counted of it is not taken yet`,
        proposals: ['map it, then retry: it is read again'],
      });
    },
    mapped: (name) => sink.cleared('unmapped-sku', `${erpPrefix(erp)}tells:${name}`),
  };
}

/** Of the keys of its cases, but for the one of its silence. */
export function erpPrefix(erp: string): string {
  return `erp:${erp}:`;
}
