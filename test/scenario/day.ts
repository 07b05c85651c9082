// One trading day as a script: who wants what, where and when, and what breaks. It is made from the seed alone, so both
// runs meet the same customers; what they get depends on what the run shows them.
import { seeded } from '../support/marketplace/world.ts';
import { ONLINE_CHANNELS, type OnlineChannel, type Retailer, type Scale } from './retailer.ts';

/** Minutes since the opening of the day. */
export type Minute = number;

export type Happening =
  /** A customer wants units off the shelf and pays at the till. */
  | ({ readonly kind: 'walk-in'; readonly at: Minute; readonly id: string; readonly store: string } & Wanted)
  /** A buyer orders online, if as many are shown. */
  | ({ readonly kind: 'order'; readonly at: Minute; readonly id: string; readonly channel: OnlineChannel } & Wanted)
  /** A customer brings units back to a store, as good as new. */
  | ({ readonly kind: 'return'; readonly at: Minute; readonly id: string; readonly store: string } & Wanted)
  /** A supplier delivers; the ERP books the receipt. */
  | ({ readonly kind: 'delivery'; readonly at: Minute; readonly id: string } & Wanted)
  | { readonly kind: 'trouble'; readonly at: Minute; readonly what: Trouble; readonly begins: boolean };

interface Wanted {
  readonly sku: string;
  readonly units: number;
}

export const TROUBLES = ['store-offline', 'erp-window', 'marketplace-throttled'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** From 7:00 to 23:00. */
export const DAY_MINUTES = 960;
const PROMOTION = { from: 300, to: 360 };
/** Share of all orders that fall into the hour of the promotion. */
const PROMOTION_SHARE = 0.35;
/** When each trouble begins and ends. The ERP's window lies over the promotion's end, as windows do. */
const TROUBLE_TIMES: Readonly<Record<Trouble, readonly [Minute, Minute]>> = {
  'store-offline': [180, 660],
  'erp-window': [330, 450],
  'marketplace-throttled': [300, 420],
};
/** The busy hours: from the promotion until the marketplace is itself again and the ERP back. */
const BUSY = { from: PROMOTION.from, to: TROUBLE_TIMES['erp-window'][1] };
/** Share of the run's time that the busy hours get, so that machines have time for their work then. */
const BUSY_SHARE = 0.5;
const CHANNEL_SHARES: Readonly<Record<OnlineChannel, number>> = { amazon: 0.45, ebay: 0.25, shop: 0.3 };
const RETURNS_SHARE = 0.04;
const DELIVERIES = 60;
const CARRIED_TRIES_MAX = 8;

/** The promotion and the troubles, for the picture. */
export function spansOfDay(): readonly { readonly label: string; readonly from: Minute; readonly to: Minute }[] {
  const troubles = TROUBLES.map((what) => {
    const [from, to] = TROUBLE_TIMES[what];
    return { label: what.replaceAll('-', ' '), from, to };
  });
  return [{ label: 'promotion', ...PROMOTION }, ...troubles];
}

/** Slow in the busy hours, fast in the others. @param seconds that the whole day takes */
export function speedsOfDay(seconds: number): readonly { readonly from: Minute; readonly speed: number }[] {
  const busy = BUSY.to - BUSY.from;
  const quietSpeed = ((DAY_MINUTES - busy) * 60) / (seconds * (1 - BUSY_SHARE));
  return [
    { from: 0, speed: quietSpeed },
    { from: BUSY.from, speed: (busy * 60) / (seconds * BUSY_SHARE) },
    { from: BUSY.to, speed: quietSpeed },
  ];
}

/** The store that is offline for eight hours: one that uploads, and that ships orders where there is one. */
export function offlineStore({ stores }: Retailer): string {
  const uploading = stores.filter(({ till }) => till === 'upload');
  return (uploading.find(({ shipsOrders }) => shipsOrders) ?? uploading[0]!).id;
}

export function scriptOf(retailer: Retailer, scale: Scale): readonly Happening[] {
  const random = seeded(retailer.seed * 31 + 7);
  const pick = picker(retailer, random);
  const script: Happening[] = [];
  /** Customers of a store mostly want what it carries. */
  const carried = (store: string): Wanted => {
    for (let n = 0; ; n += 1) {
      const wanted = pick(false);
      if (n >= CARRIED_TRIES_MAX || retailer.opening.get(store)?.has(wanted.sku)) return wanted;
    }
  };
  const number = (what: string, n: number) => `${what}-${String(n + 1).padStart(5, '0')}`;
  for (let n = 0; n < scale.walkIns; n++) {
    const store = retailer.stores[Math.floor(random() * retailer.stores.length)]!.id;
    script.push({ kind: 'walk-in', at: anyMinute(random), id: number('till', n), store, ...carried(store) });
  }
  for (let n = 0; n < scale.orders; n++) {
    const isPromotion = random() < PROMOTION_SHARE;
    const { from, to } = PROMOTION;
    const at = isPromotion ? from + random() * (to - from) : anyMinute(random);
    script.push({ kind: 'order', at, id: number('order', n), channel: channelBy(random()), ...pick(isPromotion) });
  }
  for (let n = 0; n < scale.walkIns * RETURNS_SHARE; n++) {
    const store = retailer.stores[Math.floor(random() * retailer.stores.length)]!.id;
    script.push({ kind: 'return', at: anyMinute(random), id: number('return', n), store, ...carried(store), units: 1 });
  }
  for (let n = 0; n < DELIVERIES; n++) {
    script.push({ kind: 'delivery', at: random() * 240, id: number('delivery', n), ...pick(false), units: 6 });
  }
  for (const what of TROUBLES) {
    const [from, to] = TROUBLE_TIMES[what];
    script.push({ kind: 'trouble', at: from, what, begins: true }, { kind: 'trouble', at: to, what, begins: false });
  }
  return script.sort((a, b) => a.at - b.at);
}

/** Two humps, at noon and in the early evening. */
function anyMinute(random: () => number): Minute {
  const hump = random() < 0.5 ? 300 : 660;
  const spread = (random() + random() + random() - 1.5) * 300;
  return Math.min(DAY_MINUTES - 1, Math.max(0, hump + spread));
}

function channelBy(random: number): OnlineChannel {
  let left = random;
  for (const channel of ONLINE_CHANNELS) {
    left -= CHANNEL_SHARES[channel];
    if (left < 0) return channel;
  }
  return 'shop';
}

function picker({ articles }: Retailer, random: () => number): (isPromotion: boolean) => Wanted {
  const promoted = articles.filter(({ isPromoted }) => isPromoted);
  const ends: number[] = [];
  let total = 0;
  for (const { weight } of articles) {
    total += weight;
    ends.push(total);
  }
  return (isPromotion) => {
    const units = random() < 0.85 ? 1 : 2;
    if (isPromotion) return { sku: promoted[Math.floor(random() * promoted.length)]!.sku, units };
    const place = random() * total;
    return { sku: articles[ends.findIndex((end) => end > place)]!.sku, units };
  };
}
