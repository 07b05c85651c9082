// What metrics, the dashboard and traces cost a command: a server without, one whose metrics are read each second (Prometheus
// reads every 15 s) while a dashboard follows it live, and one that traces a request in a hundred, loaded in turns, in one
// order and then the other, so that a slow minute falls on all of them. One that traces all comes after them: what it still
// has to export when its turn is over would be paid by its neighbour.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Generator, loadFigures, startGenerator } from '../load/generator.ts';
import type { LoadResult } from '../load/load.ts';
import type { Part, Room } from '../part.ts';
import { type EvenstockProcess, expectTaken, openStocks, startEvenstockProcess } from '../servers/evenstock-process.ts';

const SCRAPE_MS = 1_000;
const SIDES = ['off', 'on', 'sampled', 'traced'] as const;
type Side = (typeof SIDES)[number];
const SAID: Readonly<Record<Side, string>> = {
  off: 'nothing on',
  on: 'metrics and dashboard on',
  sampled: 'traces of 1 %',
  traced: 'traces of all',
};
const BESIDE_EACH_OTHER = ['off', 'on', 'sampled'] as const satisfies readonly Side[];
const WAYS = [
  { id: 'single', title: 'HTTP one by one, hot', batches: false },
  { id: 'batch', title: 'HTTP batches, wide', batches: true },
] as const;

export const observe: Part = {
  name: 'observe',
  title: 'What metrics, the dashboard and traces cost a command',
  async run(room) {
    await using opened = new AsyncDisposableStack();
    const receiver = opened.adopt(await startReceiver(), ({ close }) => close());
    const open = async (side: Side) => {
      const env = environmentOf(side, receiver.url);
      const server = opened.adopt(await startEvenstockProcess(join(room.directory, side), env), ({ stop }) => stop());
      await openStocks(server, room.sizes.wideStocks);
      return server;
    };
    const servers = {
      ...{ off: await open('off'), on: await open('on') },
      ...{ sampled: await open('sampled'), traced: await open('traced') },
    };
    const generator = startGenerator();
    opened.defer(generator.stop);
    const scraping = await startScraping(servers.on);
    opened.defer(scraping.stop);
    const following = await startFollowing(servers.on);
    opened.defer(following.stop);
    const results = await inRounds(room, servers, generator);
    for (const side of SIDES) await expectTaken(servers[side], taken(results, side, room.sizes.batchCommands));
    if (following.told() === 0) throw new Error('the dashboard was told nothing: it was not measured');
    if (receiver.exports() === 0) throw new Error('no span came: nothing was measured');
    return WAYS.flatMap((way) =>
      SIDES.flatMap((side) =>
        loadFigures(`observe.${side}.${way.id}`, `${SAID[side]}, ${way.title}`, results.get(`${side}.${way.id}`)!),
      ),
    );
  },
};

function environmentOf(side: Side, receiver: string): Readonly<Record<string, string>> {
  if (side === 'off') return {};
  if (side === 'on') return { METRICS: 'key' };
  return {
    BENCH_TELEMETRY: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: side === 'sampled' ? '0.01' : '1',
  };
}

/** Takes whatever is exported, and throws it away. */
async function startReceiver() {
  let exports = 0;
  const server = createServer((request, response) => {
    exports += 1;
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports: () => exports,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Results = ReadonlyMap<string, readonly LoadResult[]>;

async function inRounds(
  { sizes, progress }: Room,
  servers: Readonly<Record<Side, EvenstockProcess>>,
  generator: Generator,
): Promise<Results> {
  const results = new Map<string, LoadResult[]>();
  const load = async (side: Side, round: number, way: (typeof WAYS)[number]) => {
    const { port, headers, pid } = servers[side];
    const result = await generator.run({
      ...{ port, headers, watch: [pid], kind: 'sale', batches: way.batches },
      skus: way.batches ? sizes.wideStocks : 1,
      commands: way.batches ? sizes.batchCommands : 1,
      connections: way.batches ? sizes.batchConnections : sizes.connections,
      warmUpMs: round === 0 ? sizes.warmUpMs : sizes.warmUpMs / 4,
      windowMs: sizes.windowMs,
    });
    progress(`round ${round + 1}, ${SAID[side]}, ${way.id}: ${Math.round(result.windows[0]!.commandsPerSecond)}/s`);
    const key = `${side}.${way.id}`;
    results.set(key, [...(results.get(key) ?? []), result]);
  };
  for (let round = 0; round < 2 * sizes.windows; round++) {
    const sides = round % 2 === 0 ? BESIDE_EACH_OTHER : BESIDE_EACH_OTHER.toReversed();
    for (const way of WAYS) for (const side of sides) await load(side, round, way);
  }
  for (let round = 0; round < sizes.windows; round++) for (const way of WAYS) await load('traced', round, way);
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

/** As an open overview does. @throws Error when it cannot be opened */
async function startFollowing({ port, headers }: EvenstockProcess) {
  const abort = new AbortController();
  let told = 0;
  const response = await fetch(`http://127.0.0.1:${port}/v1/operations/overview`, {
    headers: { ...headers, accept: 'text/event-stream' },
    signal: abort.signal,
  });
  if (!response.ok) throw new Error(`overview: ${response.status}`);
  const stream = (async () => {
    for await (const _ of response.body!) told += 1;
  })().catch(() => {});
  return {
    told: () => told,
    async stop() {
      abort.abort();
      await stream;
    },
  };
}
