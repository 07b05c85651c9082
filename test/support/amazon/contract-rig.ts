// What the contract of channel adapters wants of Amazon: the simulator behind Amazon's models with a connector or inbound
// made from a policy. Its time is the real one, moved forward when what was accepted is to take effect.
import { amazonVendor } from '../../../adapters/channels/amazon/amazon.ts';
import { orderChange } from '../../../adapters/channels/amazon/simulator/notifications.ts';
import { SIGNATURE_HEADER, sign, TIMESTAMP_HEADER } from '../../../adapters/channels/signature.ts';
import type { ChannelRig, Delivery, InboundRig } from '../../contracts/channel-adapter/rig.ts';
import { SECRETS, startRig } from './rig.ts';

const TIMEOUT_MS = 5_000;
const APPLY_MS = 60_000;
const LISTINGS_OF_TWO_PAGES = 45;

export async function startContractRig(settings: Record<string, unknown>): Promise<ChannelRig> {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const isDirect = settings['api'] === 'external-fulfillment';
  const rig = await startRig({ now, applyMs: APPLY_MS, feedMs: APPLY_MS });
  // The first call of a process takes long, and calls of the contract have little time.
  await (await fetch(`${rig.url}/admin/faults`)).text();
  const { listings, misbehaving, tokens } = rig.simulator;
  const channel = { ...rig.channel({ settings, timeoutMs: TIMEOUT_MS }), clock: { now } };
  let seeded = 0;
  return {
    connector: amazonVendor.connect(channel),
    timeoutMs: TIMEOUT_MS,
    get secrets() {
      return [...Object.values(SECRETS), ...tokens.issued];
    },
    unmapped: undefined,
    listingsOfTwoPages: LISTINGS_OF_TWO_PAGES,
    hasNo: { errorsInside: isDirect ? undefined : 'a submission is accepted or invalid, nothing else' } as never,
    seed: (count, units) =>
      Array.from({ length: count }, () => {
        seeded += 1;
        listings.list(`SKU-${seeded}`, units);
        return `SKU-${seeded}`;
      }),
    shown: (sku) => listings.shown(sku),
    drift: (sku, by) => listings.drift(sku, by),
    setFaults: misbehaving.setFaults,
    calls: () => misbehaving.log.calls,
    refuse(sku) {
      misbehaving.setFaults({ refusedSkus: [sku] });
      return isDirect ? /INVALID_SKU/ : /99022/;
    },
    settle() {
      if (!isDirect) ahead += APPLY_MS;
    },
    inbound: inboundRig(),
    async close() {
      // What it answers is garbage here by intent; what it is asked must be right all the time.
      const violations = (rig.judge?.violations ?? []).filter((one) => one.includes(': request '));
      await rig.close();
      if (violations.length > 0) throw new Error(`not by Amazon's models: ${violations.slice(0, 3).join('; ')}`);
    },
  };

  function inboundRig(): InboundRig {
    const { orders, options } = rig.simulator;
    return {
      inbound: amazonVendor.inbound!({
        ...channel,
        connector: {
          ...channel.connector,
          settings: { ...channel.connector.settings, orders: 'poll-and-notifications' },
        },
      }),
      channel: channel.channel,
      order: (lines) => orders.place(lines).id,
      ship: (order) => void orders.ship(order),
      cancel: (order) => void orders.cancel(order),
      signsTime: true,
      deliver(order, { atMs = Date.now(), otherSecret = false, body }: Delivery = {}) {
        const text = body ?? JSON.stringify(orderChange(orders.get(order)!, options, atMs));
        const timestamp = String(Math.floor(atMs / 1_000));
        const secret = otherSecret ? 'webhook-secret-of-another-channel' : SECRETS.AMAZON_WEBHOOK;
        return {
          rawBody: new TextEncoder().encode(text),
          headers: new Headers({ [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: sign(secret, timestamp, text) }),
          url: 'https://evenstock.test/v1/hooks/amazon-de',
        };
      },
    };
  }
}
