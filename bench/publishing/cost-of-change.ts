// What a change of a figure costs from the event to the recorded confirmation, as CPU time of this process, with nothing else
// to tell and beside a backlog that stays as it is: as many SKUs change as are told. Both sides hold the same SKUs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { declarationOf, REVISIONS_DAILY_MAX } from '../../adapters/channels/ebay/connector.ts';
import { MINUTE } from '../../domain/time.ts';
import { type Figure, figure } from '../figure.ts';
import type { Room } from '../part.ts';
import { counted } from './counted.ts';
import { openRetailer, type Retailer } from './retailer.ts';
import { createTakingChannel, sellingIn } from './taking.ts';

const CHANNEL = 'ebay';
const SAMPLES = 7;
const WARM_UPS = 2;
/** Of `sizes.calls`: each change is an event, a line of a call and of its record. */
const CHANGES_SHARE = 0.1;
const LATENCY_MS = { urgent: 150, bulk: 150, read: 150 };

interface Side {
  readonly retailer: Retailer;
  readonly backlog: number;
  readonly samples: number[];
  /** Stock that changes next. */
  next: number;
}

export async function costOfChange({ sizes, directory, progress }: Room): Promise<readonly Figure[]> {
  const skus = 2 * sizes.backlog;
  const changes = Math.max(100, Math.round(sizes.calls * CHANGES_SHARE));
  const sides: Side[] = [];
  for (const backlog of [0, sizes.backlog]) {
    progress(`a backlog of ${backlog.toLocaleString('en')}`);
    sides.push(await open(join(directory, `backlog-${backlog}`), skus, backlog));
  }
  for (let n = 0; n < WARM_UPS + SAMPLES; n++) {
    progress(`round ${n + 1} of ${WARM_UPS + SAMPLES}`);
    for (const side of sides) {
      const cpuUs = await measure(side, changes, skus);
      if (n >= WARM_UPS) side.samples.push(cpuUs);
    }
  }
  for (const { retailer } of sides) await retailer.close();
  return sides.map(({ backlog, samples }) =>
    figure(
      `overtake.cpu.${backlog === 0 ? 'none' : 'full'}`,
      `CPU a change, event to recorded confirmation, beside a backlog of ${backlog.toLocaleString('en')}`,
      'µs',
      samples,
    ),
  );
}

async function open(directory: string, skus: number, backlog: number): Promise<Side> {
  mkdirSync(directory);
  const channel = createTakingChannel(declarationOf(REVISIONS_DAILY_MAX));
  const retailer = await openRetailer({
    ...{ directory, policy: sellingIn([CHANNEL]), skus },
    connect: (_, time) => counted(channel.connector, time, LATENCY_MS, () => {}),
  });
  await retailer.time.pass(MINUTE);
  const side = { retailer, backlog, samples: [], next: 0 };
  while (retailer.open(CHANNEL) < backlog) {
    await Promise.all(Array.from({ length: 500 }, () => change(side, skus)));
    await retailer.time.pass(0);
  }
  return side;
}

function change(side: Side, skus: number): Promise<unknown> {
  const { stocks } = side.retailer;
  const stock = side.next;
  side.next = (stock + 1) % skus;
  return stocks.onHand(stock) > 1 ? stocks.sell(stock, 1) : stocks.receive(stock, 9);
}

/** CPU time of this process a change, µs. Each round is one call's worth of changes in the time of one call. */
async function measure(side: Side, changes: number, skus: number): Promise<number> {
  const { retailer } = side;
  const { batchSizeMax: size, ratePerSecondMax } = declarationOf(REVISIONS_DAILY_MAX);
  const before = process.cpuUsage();
  const rounds = Math.round(changes / size);
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: size }, () => change(side, skus)));
    await retailer.time.pass(1_000 / ratePerSecondMax!);
  }
  const { user, system } = process.cpuUsage(before);
  expectBacklog(side);
  return (user + system) / (rounds * size);
}

/** @throws Error when the sides are not what they are said to be */
function expectBacklog({ retailer, backlog }: Side): void {
  const is = retailer.open(CHANNEL);
  if (Math.abs(is - backlog) > Math.max(600, backlog / 20)) throw new Error(`the backlog of ${backlog} is ${is}`);
}
