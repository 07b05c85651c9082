// A stock-out against a backlog of very many changes: how many batches leave before it, at channels with many and with few
// SKUs a call, while the backlog is young and after an outage. Time stands still while anything works; the channels take what
// they are told, within the limits that the product's adapters declare. Then what a change costs beside such a backlog.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { declarationOf as amazonDeclares } from '../../adapters/channels/amazon/listings.ts';
import { AmazonSettings } from '../../adapters/channels/amazon/settings.ts';
import { SIMULATED_SELLER } from '../../adapters/channels/amazon/simulator/app.ts';
import type { Declaration } from '../../adapters/channels/channel.ts';
import { declarationOf as ebayDeclares, REVISIONS_DAILY_MAX } from '../../adapters/channels/ebay/connector.ts';
import { VENDURE_DECLARES } from '../../adapters/channels/vendure/connector.ts';
import { MINUTE } from '../../domain/time.ts';
import { type Figure, figure } from '../figure.ts';
import { seeded } from '../load/load.ts';
import { skuName } from '../load/request.ts';
import type { Part } from '../part.ts';
import { costOfChange } from '../publishing/cost-of-change.ts';
import { counted } from '../publishing/counted.ts';
import { openRetailer, type Retailer } from '../publishing/retailer.ts';
import { createTakingChannel, sellingIn, type TakingChannel } from '../publishing/taking.ts';

/** 25 a call and 20 calls a second · one a call, 5 a second, and feeds · 50 a call, a call a second. */
const DIALECTS: Readonly<Record<string, Declaration>> = {
  ebay: ebayDeclares(REVISIONS_DAILY_MAX),
  amazon: amazonDeclares(AmazonSettings.parse(SIMULATED_SELLER)),
  vendure: VENDURE_DECLARES,
};
const CHANNELS = Object.keys(DIALECTS);
const LATENCY_MS = { urgent: 150, bulk: 2_000, read: 150 };
const STOCK_OUTS = 30;
/** Between two of them, at most. */
const APART_MS = 1_000;
/** Longer than any update is overtaken by others. */
const OUTAGE_MS = 20 * MINUTE;
const LEAVES_MS_MAX = 10 * MINUTE;

export const publishingOvertake: Part = {
  name: 'publishing-overtake',
  title: 'A stock-out overtakes a backlog',
  async run(room) {
    const { sizes, directory, progress } = room;
    const folder = join(directory, 'overtake');
    mkdirSync(folder);
    const world = await open(folder, sizes.backlog);
    const { retailer, channels } = world;
    const shown = `${sizes.backlog.toLocaleString('en')} SKUs`;
    progress(`${shown} that ${CHANNELS.length} channels show all change`);
    await changeAll(world);
    progress('stock-outs while the backlog is young');
    const young = await overtake(world, 'young', `backlog of ${shown}`);
    progress('an outage, and all change again');
    for (const channel of channels.values()) channel.isDown = true;
    await changeAll(world);
    await retailer.time.pass(OUTAGE_MS);
    for (const channel of channels.values()) channel.isDown = false;
    await retailer.time.until(() => CHANNELS.every((id) => isRunning(retailer, id)), OUTAGE_MS);
    progress('stock-outs after the outage');
    const old = await overtake(world, 'old', `backlog of ${shown} after an outage of 20 min`);
    await retailer.close();
    return [...young, ...old, ...(await costOfChange(room))];
  },
};

interface World {
  readonly retailer: Retailer;
  readonly channels: ReadonlyMap<string, TakingChannel>;
  /** The stock-outs in each batch, in the order of leaving. */
  readonly sent: ReadonlyMap<string, (readonly string[])[]>;
  readonly backlog: number;
  /** Stock that sells out next: none of those in the backlog. */
  next: number;
}

async function open(directory: string, backlog: number): Promise<World> {
  const channels = new Map(CHANNELS.map((id) => [id, createTakingChannel(DIALECTS[id]!)]));
  const sent = new Map<string, (readonly string[])[]>(CHANNELS.map((id) => [id, []]));
  const retailer = await openRetailer({
    ...{ directory, policy: sellingIn(CHANNELS), skus: backlog + 2 * STOCK_OUTS },
    connect: ({ id }, time) =>
      counted(channels.get(id)!.connector, time, LATENCY_MS, (_, batch) => {
        if (batch === undefined) return;
        sent.get(id)!.push(batch.updates.filter(({ units }) => units === 0).map(({ sku }) => sku));
      }),
  });
  // Until the buckets of tokens, empty at the start, are full: as in a process that has run for a while.
  await retailer.time.pass(30 * MINUTE);
  return { retailer, channels, sent, backlog, next: backlog };
}

async function changeAll({ retailer, backlog }: World): Promise<void> {
  for (let n = 0; n < backlog; n += 500) {
    await Promise.all(Array.from({ length: Math.min(500, backlog - n) }, (_, of) => retailer.stocks.sell(n + of, 1)));
  }
  await retailer.time.pass(0);
}

function isRunning({ publishing }: Retailer, channel: string): boolean {
  const { state, inFlight } = publishing.status(channel)!;
  return state !== 'open' && inFlight > 0;
}

const random = seeded(7);

async function overtake(world: World, age: string, shown: string): Promise<readonly Figure[]> {
  const { retailer, sent } = world;
  const { time, stocks } = retailer;
  const before = new Map<string, number[]>(CHANNELS.map((id) => [id, []]));
  const waited = new Map<string, number[]>(CHANNELS.map((id) => [id, []]));
  const behind = CHANNELS.map((id) => retailer.publishing.status(id)!.backlog.toLocaleString('en'));
  for (let n = 0; n < STOCK_OUTS; n++) {
    await time.pass(random() * APART_MS);
    const sku = skuName(world.next);
    await stocks.sell(world.next, stocks.onHand(world.next));
    world.next += 1;
    const soldAt = time.timers.now();
    const from = new Map(CHANNELS.map((id) => [id, sent.get(id)!.length]));
    const waiting = new Set(CHANNELS);
    const look = () => {
      for (const id of waiting) {
        const batches = sent
          .get(id)!
          .slice(from.get(id))
          .findIndex((zeros) => zeros.includes(sku));
        if (batches < 0) continue;
        before.get(id)!.push(batches);
        waited.get(id)!.push(time.timers.now() - soldAt);
        waiting.delete(id);
      }
      return waiting.size === 0;
    };
    if (await time.until(look, LEAVES_MS_MAX)) continue;
    for (const id of waiting) before.get(id)!.push(sent.get(id)!.length - from.get(id)!);
  }
  return CHANNELS.map((id, n) => {
    const longest =
      waited.get(id)!.length < STOCK_OUTS ? 'more than 10 min' : `${Math.round(Math.max(...waited.get(id)!))} ms`;
    return figure(
      `overtake.${age}.${id}`,
      `${id}, ${shown}: most batches that left before a stock-out`,
      'batches',
      Math.max(...before.get(id)!),
      `of ${STOCK_OUTS} stock-outs; longest wait ${longest}; ${behind[n]} SKUs waited`,
    );
  });
}
