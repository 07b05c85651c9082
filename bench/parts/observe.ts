// What metrics cost a command: two servers, one without and one whose metrics are read each second (Prometheus reads every
// 15 s), loaded in turns, first one and then the other first, so that a slow minute falls on both.
import { join } from 'node:path';
import { type Generator, loadFigures, startGenerator } from '../load/generator.ts';
import type { LoadResult } from '../load/load.ts';
import type { Part, Room } from '../part.ts';
import { type EvenstockProcess, expectTaken, openStocks, startEvenstockProcess } from '../servers/evenstock-process.ts';

const SCRAPE_MS = 1_000;
const SIDES = ['off', 'on'] as const;
type Side = (typeof SIDES)[number];
const WAYS = [
  { id: 'single', title: 'HTTP one by one, hot', batches: false },
  { id: 'batch', title: 'HTTP batches, wide', batches: true },
] as const;

export const observe: Part = {
  name: 'observe',
  title: 'What metrics cost a command',
  async run(room) {
    await using opened = new AsyncDisposableStack();
    const open = async (side: Side) => {
      const env = side === 'on' ? { METRICS: 'key' } : {};
      const server = opened.adopt(await startEvenstockProcess(join(room.directory, side), env), ({ stop }) => stop());
      await openStocks(server, room.sizes.wideStocks);
      return server;
    };
    const servers = { off: await open('off'), on: await open('on') };
    const generator = startGenerator();
    opened.defer(generator.stop);
    const scraping = await startScraping(servers.on);
    opened.defer(scraping.stop);
    const results = await inRounds(room, servers, generator);
    for (const side of SIDES) await expectTaken(servers[side], taken(results, side, room.sizes.batchCommands));
    return WAYS.flatMap((way) =>
      SIDES.flatMap((side) =>
        loadFigures(`observe.${side}.${way.id}`, `metrics ${side}, ${way.title}`, results.get(`${side}.${way.id}`)!),
      ),
    );
  },
};

type Results = ReadonlyMap<string, readonly LoadResult[]>;

async function inRounds(
  { sizes, progress }: Room,
  servers: Readonly<Record<Side, EvenstockProcess>>,
  generator: Generator,
): Promise<Results> {
  const results = new Map<string, LoadResult[]>();
  for (let round = 0; round < 2 * sizes.windows; round++) {
    for (const way of WAYS) {
      for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
        const { port, headers, pid } = servers[side];
        const result = await generator.run({
          ...{ port, headers, watch: [pid], kind: 'sale', batches: way.batches },
          skus: way.batches ? sizes.wideStocks : 1,
          commands: way.batches ? sizes.batchCommands : 1,
          connections: way.batches ? sizes.batchConnections : sizes.connections,
          warmUpMs: round === 0 ? sizes.warmUpMs : sizes.warmUpMs / 4,
          windowMs: sizes.windowMs,
        });
        progress(
          `round ${round + 1}, metrics ${side}, ${way.id}: ${Math.round(result.windows[0]!.commandsPerSecond)}/s`,
        );
        const key = `${side}.${way.id}`;
        results.set(key, [...(results.get(key) ?? []), result]);
      }
    }
  }
  return results;
}

function taken(results: Results, side: Side, batchCommands: number): number {
  return WAYS.reduce((sum, { id, batches }) => {
    const requests = results.get(`${side}.${id}`)!.reduce((all, { answered }) => all + answered, 0);
    return sum + requests * (batches ? batchCommands : 1);
  }, 0);
}

/** @throws Error when the metrics cannot be read at the beginning */
async function startScraping({ port, headers }: EvenstockProcess) {
  let underWay: Promise<void> = Promise.resolve();
  const scrape = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
    if (!response.ok) throw new Error(`metrics: ${response.status}`);
    await response.text();
  };
  await scrape();
  const timer = setInterval(() => {
    underWay = scrape().catch(() => {});
  }, SCRAPE_MS);
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}
