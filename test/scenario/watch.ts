// Watches what the shops show against the shelves: how long each figure was wrong, and because of which link. It looks at a
// figure when something of its SKU has happened, and again and again while it is wrong.
import { type ByCause, type Cause, causeOf } from './causes.ts';
import { DAY_MINUTES, type Minute } from './day.ts';
import type { Moment } from './result.ts';
import { ONLINE_CHANNELS, type OnlineChannel } from './retailer.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

export interface Watch {
  /** Something of this SKU may have changed. */
  look(sku: string): void;
  /** Units shown too many and too few now, over all shops. */
  error(): Pick<Moment, 'overshown' | 'undershown'>;
  close(): void;
}

/** Real milliseconds. */
const LOOK_EVERY_MS = 25;

interface Wrong {
  readonly since: Minute;
  seen: Minute;
  /** Until now. */
  cause: Cause;
}

export function causeNow(world: World, truth: Truth, channel: OnlineChannel, sku: string): Cause | undefined {
  return causeOf(world.shops.get(channel)!.shown(sku), channel, world.known(sku), truth.pool(sku));
}

export function watchShops(
  world: World,
  truth: Truth,
  minute: () => Minute,
  { lagMs, wrongMinutes }: { readonly lagMs: number[]; readonly wrongMinutes: ByCause },
): Watch {
  const wrong = new Map<string, Wrong>();
  const partsOf = (key: string) => key.split(' ') as [OnlineChannel, string];
  const now = () => Math.min(DAY_MINUTES, minute());
  const off = (channel: OnlineChannel, sku: string) =>
    world.shops.get(channel)!.shown(sku) - Math.max(0, truth.free(sku));
  const passed = (one: Wrong, at: Minute) => {
    wrongMinutes[one.cause] += at - one.seen;
    one.seen = at;
  };
  const lookAt = (channel: OnlineChannel, sku: string) => {
    const key = `${channel} ${sku}`;
    const one = wrong.get(key);
    const isWrong = off(channel, sku) !== 0;
    if (!isWrong && one === undefined) return;
    const at = now();
    if (one !== undefined) passed(one, at);
    if (isWrong) {
      const cause = causeNow(world, truth, channel, sku)!;
      if (one === undefined) wrong.set(key, { since: at, seen: at, cause });
      else one.cause = cause;
    } else {
      lagMs.push((at - one!.since) * 60_000);
      wrong.delete(key);
    }
  };
  const timer = setInterval(() => {
    for (const key of [...wrong.keys()]) lookAt(...partsOf(key));
  }, LOOK_EVERY_MS);
  return {
    look(sku) {
      for (const channel of ONLINE_CHANNELS) lookAt(channel, sku);
    },
    error() {
      const all = [...wrong.keys()].map((key) => off(...partsOf(key)));
      const sum = (units: readonly number[]) => units.reduce((total, n) => total + n, 0);
      return { overshown: sum(all.filter((n) => n > 0)), undershown: -sum(all.filter((n) => n < 0)) };
    },
    close() {
      clearInterval(timer);
      for (const one of wrong.values()) {
        passed(one, now());
        lagMs.push((now() - one.since) * 60_000);
      }
    },
  };
}
