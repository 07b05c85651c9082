// A wave of changes of all SKUs leaves in how many calls to five channels, beside the fewest that their batches allow. The
// product's adapters over HTTP against the vendors' simulators, which count and refuse what is too fast. What is simulated:
// the channels, and time (it stands still while anything works, and calls take as long as is said), as rate limits take half an hour.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector, Declaration } from '../../adapters/channels/channel.ts';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import { HOUR, MINUTE } from '../../domain/time.ts';
import { type Figure, figure } from '../figure.ts';
import { skuName } from '../load/request.ts';
import type { Part } from '../part.ts';
import { type CountedCall, counted } from '../publishing/counted.ts';
import { openRetailer, type Retailer } from '../publishing/retailer.ts';
import { UNITS } from '../publishing/seed.ts';
import { connectTo, policyOf, SHOPS, type Shop, startShops } from '../publishing/shops.ts';

const LATENCY_MS = { urgent: 150, bulk: 2_000, read: 150 };
const CHANGES_PER_MS = 10;
/** One SKU of so many sells out. */
const STOCK_OUT_EVERY = 100;
const READ_EVERY_MS = 3_000;
const ALL_TOLD_MS_MAX = 6 * HOUR;

export const publishingCalls: Part = {
  name: 'publishing-calls',
  title: 'Calls that tell five channels of many changes',
  async run({ sizes, directory, progress }) {
    const skus = Array.from({ length: sizes.publishedSkus }, (_, n) => skuName(n));
    let now = Date.now;
    progress(`${skus.length.toLocaleString('en')} SKUs listed in ${SHOPS.join(', ')}`);
    const shops = await startShops({ skus, units: UNITS, now: () => now() });
    const tallies = new Map(SHOPS.map((id) => [id, createTally()]));
    const connectors: Connector[] = [];
    const folder = join(directory, 'calls');
    mkdirSync(folder);
    const retailer = await openRetailer({
      ...{ directory: folder, policy: compilePolicy(PolicyDocument.parse(policyOf(shops))), skus: skus.length },
      connect(channel, time) {
        now = time.clock.now;
        const tally = tallies.get(channel.id)!;
        const connector = connectTo(shops.get(channel.id)!, channel, time.clock);
        tally.declares = connector.declares;
        connectors.push(connector);
        return counted(connector, time, LATENCY_MS, (call, batch) =>
          tally.add(call, batch?.updates.map(({ sku }) => sku) ?? []),
        );
      },
    });
    // Until the buckets of tokens, empty at the start, are full.
    await retailer.time.pass(30 * MINUTE);
    progress('reading what is shown where values are compared, which a process that has run for a while knows');
    for (const connector of connectors) if (connector.declares.compareAndSet) await readAll(connector, retailer, skus);
    progress('every SKU changes');
    const startedAt = retailer.time.timers.now();
    await changeAll(retailer, skus.length);
    for (const id of SHOPS) {
      if (!(await retailer.time.until(() => retailer.open(id) === 0, ALL_TOLD_MS_MAX))) {
        throw new Error(`${id} was not told of all: ${JSON.stringify(retailer.publishing.status(id))}`);
      }
      progress(`${id} shows all`);
    }
    const wrong = SHOPS.flatMap((id) =>
      skus.filter((sku, n) => shops.get(id)!.shown(sku) !== retailer.stocks.onHand(n)),
    );
    if (wrong.length > 0)
      throw new Error(`a channel shows another figure of ${wrong.length} SKUs, such as ${wrong[0]}`);
    const figures = figuresOf(tallies, shops, startedAt);
    await retailer.close();
    for (const shop of shops.values()) await shop.close();
    return figures;
  },
};

/** One call each 3 seconds, which a shop on the smallest plan restores. Not counted. */
async function readAll({ declares, readBack }: Connector, { time }: Retailer, skus: readonly string[]): Promise<void> {
  const { signal } = new AbortController();
  const { batchSizeMax: size } = declares.readBack!;
  for (let from = 0; from < skus.length; from += size) {
    const read = await time.underWay(readBack!(skus.slice(from, from + size), signal));
    if (read.kind !== 'shown') throw new Error(`what is shown cannot be read: ${read.reason}`);
    await time.pass(READ_EVERY_MS);
  }
}

async function changeAll({ time, stocks }: Retailer, skus: number): Promise<void> {
  const each = 10 * CHANGES_PER_MS;
  for (let from = 0; from < skus; from += each) {
    const sales = Array.from({ length: Math.min(each, skus - from) }, (_, of) => {
      const stock = from + of;
      return stocks.sell(stock, stock % STOCK_OUT_EVERY === 0 ? stocks.onHand(stock) : 1);
    });
    await Promise.all(sales);
    await time.pass(each / CHANGES_PER_MS);
  }
}

interface Tally {
  declares: Declaration | undefined;
  readonly calls: Record<CountedCall['lane'], number>;
  /** SKUs by the lane that told them first: what it had to tell. */
  readonly told: Record<'urgent' | 'bulk', number>;
  /** SKUs asked for, each time it was asked for. */
  asked: number;
  lastAt: number;
  add(call: CountedCall, skus: readonly string[]): void;
}

function createTally(): Tally {
  const seen = new Set<string>();
  const tally: Tally = {
    ...{ declares: undefined, asked: 0, lastAt: 0 },
    calls: { urgent: 0, bulk: 0, read: 0 },
    told: { urgent: 0, bulk: 0 },
    add({ lane, at, skus: count }, skus) {
      tally.calls[lane] += 1;
      if (lane === 'read') {
        tally.asked += count;
        return;
      }
      tally.lastAt = at;
      for (const sku of skus) {
        if (!seen.has(sku)) tally.told[lane] += 1;
        seen.add(sku);
      }
    },
  };
  return tally;
}

/** By what each lane had to tell: what is told twice, or leaves in a batch that is not full, is too much. */
function fewestOf({ declares, told }: Tally): number {
  const { batchSizeMax, bulk } = declares!;
  return Math.ceil(told.urgent / batchSizeMax) + (bulk === undefined ? 0 : Math.ceil(told.bulk / bulk.batchSizeMax));
}

function figuresOf(
  tallies: ReadonlyMap<string, Tally>,
  shops: ReadonlyMap<string, Shop>,
  startedAt: number,
): readonly Figure[] {
  const made = ({ calls }: Tally) => calls.urgent + calls.bulk;
  const sum = (of: (tally: Tally) => number) => tallies.values().reduce((all, tally) => all + of(tally), 0);
  const each = [...tallies].flatMap(([id, tally]): readonly Figure[] => {
    const fewest = fewestOf(tally);
    const { log, throttled } = shops.get(id)!;
    const http = `over HTTP ${(log.count('publish') + log.count('bulk')).toLocaleString('en')}`;
    const notes = [
      `fewest ${fewest.toLocaleString('en')}`,
      http,
      `refused for their pace ${throttled()}`,
      lanesOf(tally),
    ];
    const seconds = (tally.lastAt - startedAt) / 1_000;
    return [
      figure(`calls.${id}`, `${id}: calls`, 'calls', made(tally), notes.filter((note) => note !== '').join('; ')),
      figure(`calls.${id}.ratio`, `${id}: calls ÷ fewest`, '×', made(tally) / fewest),
      figure(`calls.${id}.seconds`, `${id}: until the last call left, simulated time`, 's', seconds, atBest(tally)),
    ];
  });
  return [figure('calls.ratio', 'five channels: calls ÷ fewest', '×', sum(made) / sum(fewestOf)), ...each];
}

function lanesOf({ calls, told, asked, declares }: Tally): string {
  if (calls.bulk === 0) return '';
  const reads = Math.ceil((told.urgent + told.bulk) / declares!.readBack!.batchSizeMax);
  return (
    `${calls.urgent.toLocaleString('en')} patches, ${calls.bulk} feeds of ${told.bulk.toLocaleString('en')} SKUs; ` +
    `read back in ${calls.read.toLocaleString('en')} calls (fewest ${reads.toLocaleString('en')}) that named ${asked.toLocaleString('en')} SKUs`
  );
}

/** What the declared rate and burst allow for so many ordinary calls. */
function atBest({ declares, calls }: Tally): string {
  const { ratePerSecondMax, burstMax = 1 } = declares!;
  if (ratePerSecondMax === undefined) return "its pace is the policy's: 2 a second";
  return `at best ${Math.max(0, (calls.urgent - burstMax) / ratePerSecondMax).toFixed(1)} s at the declared rate`;
}
