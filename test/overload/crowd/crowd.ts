// Everybody who uses the server at once. First each group has a few clients that wait for their answers, which shows how
// much the server takes when nobody is turned away; then it wants several times that, whatever the server says, and those
// come along who misbehave.
import type { Sizes } from '../sizes.ts';
import { createGroup, type Group, type GroupShape } from './group.ts';
import type { Journal } from './journal.ts';
import { batchNobodyReads, follow, type Misbehaving, quitters, slowReader } from './misbehaving.ts';
import { createTally, type Second, type Tally } from './tally.ts';
import { batches, orders, singles, tillUploads, type Wishes } from './wishes.ts';

/** By client. */
export type Keys = Readonly<Record<'shop' | 'feed' | 'tills' | 'greedy' | 'desk', string>>;

export interface Place {
  readonly port: number;
  readonly keys: Keys;
  readonly sizes: Sizes;
}

export interface Crowd {
  /** Of each group as many as wait for their answers. */
  calm(): void;
  /** Wishes a second, of the groups in `CALM`; and everybody else. */
  rush(wishesPerSecond: Readonly<Record<string, number>>): void;
  /** Resolves when everything that was sent is settled. */
  rest(): Promise<void>;
  second(): Second;
  journals(): ReadonlyMap<string, Uint8Array>;
}

/** Clients that wait for their answers, by group. */
const CALM = { hot: 12, wide: 24, batch: 2, order: 4 } as const;
type CalmGroup = keyof typeof CALM;
const CALM_TILLS = 2;
/** Hot batches, and sales of a client that has a rate of its own, a second. */
const HOT_BATCHES = 8;
const GREEDY = 200;
const QUITTERS = 40;
const PATIENCE_MS = 10_000;
/** Followers that read nothing: of the overview, of the events; and one of these that reads a little. */
const DEAD_DASHBOARDS = 4;
const DEAD_FEEDS = 12;
const SLOW_FEED_BYTES = 4_096;
const NOBODY_READS = 10;

export function createCrowd(place: Place): Crowd {
  const { port, keys, sizes } = place;
  const tally = createTally();
  const wishes = wishesAt(place);
  const groups = groupsAt(place, wishes, tally);
  const tills = wishes.tills.map((one, till) =>
    groupOf(place, tally, {
      ...one,
      name: `till-${till}`,
      label: 'till',
      commands: sizes.tillLines,
      connectionsMax: 1,
    }),
  );
  let others: Misbehaving[] = [];
  const misbehave = () => {
    const desk = { port, key: keys.desk };
    const readers = [
      ...Array.from({ length: DEAD_DASHBOARDS }, () =>
        slowReader(port, 0, tally, () => follow(desk, '/v1/operations/overview')),
      ),
      ...Array.from({ length: DEAD_FEEDS }, () => slowReader(port, 0, tally, () => follow(desk, '/v1/events'))),
      slowReader(port, SLOW_FEED_BYTES, tally, () => follow(desk, '/v1/events')),
    ];
    const unread = Array.from({ length: NOBODY_READS }, () =>
      slowReader(port, 0, tally, batchNobodyReads(wishes.unread)),
    );
    return [quitters(port, wishes.quit, QUITTERS, tally), ...readers, ...unread];
  };
  return {
    calm() {
      for (const [name, clients] of Object.entries(CALM)) groups[name as CalmGroup].closed(clients);
      for (const till of tills.slice(0, CALM_TILLS)) till.closed(1);
    },
    rush(wishesPerSecond) {
      for (const [name, perSecond] of Object.entries(wishesPerSecond)) groups[name as CalmGroup].open(perSecond);
      groups.hotbatch.open(HOT_BATCHES);
      groups.greedy.open(GREEDY);
      for (const till of tills) till.closed(1);
      others = misbehave();
    },
    async rest() {
      for (const one of others) one.stop();
      others = [];
      await Promise.all([...Object.values(groups), ...tills].map((group) => group.rest()));
    },
    second: tally.take,
    journals() {
      const { tills: byTill, ...named } = wishes;
      const all: [string, Journal][] = [
        ...Object.entries(named).map(([name, { journal }]): [string, Journal] => [name, journal]),
        ...byTill.map(({ journal }, till): [string, Journal] => [`till-${till}`, journal]),
      ];
      return new Map(all.map(([name, journal]) => [name, journal.bytes()]));
    },
  };
}

function wishesAt({ port, keys, sizes }: Place) {
  const { skus, batchLines, hotBatchLines, tillLines } = sizes;
  const [shop, feed, greedy, tills] = [keys.shop, keys.feed, keys.greedy, keys.tills].map((key) => ({ port, key }));
  return {
    hot: singles(shop!, 'hot', 'hot', skus),
    wide: singles(shop!, 'wide', 'wide', skus),
    order: orders(shop!, 'order', skus, sizes.holdMs),
    quit: singles(shop!, 'quit', 'wide', skus),
    batch: batches(feed!, 'batch', 'wide', skus, batchLines),
    hotbatch: batches(feed!, 'hotbatch', 'hot', skus, hotBatchLines),
    unread: batches(feed!, 'unread', 'wide', skus, sizes.unreadLines),
    greedy: singles(greedy!, 'greedy', 'wide', skus),
    tills: Array.from({ length: sizes.tills }, (_, till) => tillUploads(tills!, till, skus, tillLines)),
  };
}

type AllWishes = ReturnType<typeof wishesAt>;

/** More connections than there is room for, together. */
function groupsAt(place: Place, wishes: AllWishes, tally: Tally) {
  const { room, batchLines, hotBatchLines } = place.sizes;
  const of = (name: Exclude<keyof AllWishes, 'tills'>, share: number, honours: boolean, commands = 1): Group => {
    const connectionsMax = Math.ceil(room * share);
    return groupOf(place, tally, { ...wishes[name], ...{ name, label: name, honours, commands, connectionsMax } });
  };
  return {
    hot: of('hot', 0.5, true),
    wide: of('wide', 0.8, false),
    order: of('order', 0.3, true),
    batch: of('batch', 0.2, true, batchLines),
    hotbatch: of('hotbatch', 0.1, false, hotBatchLines),
    greedy: of('greedy', 0.1, false),
  };
}

function groupOf(
  { port }: Place,
  tally: Tally,
  shape: Wishes & Omit<GroupShape, 'honours' | 'triesMax'> & { readonly honours?: boolean },
): Group {
  // A till keeps what it has until it was taken.
  const isTill = shape.honours === undefined;
  const tries = isTill
    ? { honours: true, triesMax: Number.POSITIVE_INFINITY }
    : { honours: shape.honours!, triesMax: 4 };
  return createGroup({ ...shape, ...tries }, { port, patienceMs: PATIENCE_MS, tally });
}
