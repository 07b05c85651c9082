// A store with Square tills: its own simulated Square, which tells each sale by webhook and is polled, and which Evenstock
// tells how many there are.
import { serveSimulator } from '../../adapters/channels/simulator/serve.ts';
import { eventOf } from '../../adapters/channels/square/simulator/answers.ts';
import { createSquare } from '../../adapters/channels/square/simulator/app.ts';
import { createPos, type PosOrder } from '../../adapters/channels/square/simulator/pos.ts';
import { loadSdk } from '../../adapters/channels/square/square-api.ts';
import type { PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { Clock } from '../../domain/time.ts';
import { CALL_MS_MAX } from './shops.ts';

export interface SquareTill {
  readonly store: string;
  /** The channel has the store's name. */
  readonly policy: NonNullable<PolicyDocumentJson['channels']>[number];
  readonly env: Readonly<Record<string, string>>;
  /** SKU → item variation. */
  readonly ids: ReadonlyMap<string, string>;
  /** Square's id of the store. */
  readonly location: string;
  sell(sku: string, units: number): void;
  bringBack(sku: string, units: number): void;
  /** What Square says is there. */
  units(sku: string): number;
  notify(url: string): void;
  /** Every notice has been answered. */
  told(): Promise<unknown>;
  close(): Promise<void>;
}

const TOKEN = 'EAAA-a-token-of-the-scenario';
const SIGNATURE_KEY = 'a-signature-key-of-the-scenario';

export async function startSquareTill(store: string, skus: readonly string[], { now }: Clock): Promise<SquareTill> {
  // Else the first call would wait for it.
  await loadSdk();
  const pos = createPos(now);
  const { url, close } = await serveSimulator(createSquare({ token: TOKEN, pos, now }).app);
  const ids = new Map(skus.map((sku) => [sku, pos.list(0)]));
  const idOf = (sku: string) => ids.get(sku)!;
  const secretEnv = `SQUARE_${store.replaceAll('-', '_').toUpperCase()}`;
  const settings = { location: pos.location, returned: 'restock', ordersSince: new Date(now()).toISOString() };
  const underWay = new Set<Promise<unknown>>();
  let hook: string | undefined;
  let events = 0;
  const tell = (order: PosOrder) => {
    if (hook === undefined) return;
    events += 1;
    const at = { key: SIGNATURE_KEY, url: hook, at: now() };
    const { body, headers } = eventOf({ order, type: 'order.updated', eventId: `${store}-${events}`, ...at });
    // What does not arrive is found by the poll.
    const sent = fetch(hook, { method: 'POST', headers, body })
      .then((answer) => answer.arrayBuffer())
      .catch(() => {})
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
  };
  return {
    store,
    policy: {
      id: store,
      locations: [store],
      connector: { type: 'square', url, secretEnv, settings, timeoutMs: CALL_MS_MAX },
    },
    env: { [secretEnv]: TOKEN, [`${secretEnv}_WEBHOOK`]: SIGNATURE_KEY },
    ...{ ids, location: pos.location },
    sell: (sku, units) => tell(pos.sell([{ variation: idOf(sku), units }])),
    bringBack: (sku, quantity) => tell(pos.bringBack([{ uid: '', variation: idOf(sku), quantity }])),
    units: (sku) => pos.units(idOf(sku)) ?? 0,
    notify(address) {
      hook = address;
    },
    told: () => Promise.all(underWay),
    close,
  };
}
