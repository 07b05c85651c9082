// What the past costs in a log of many events: a stock and a figure as of two times, read cold, and what sealing and verifying
// take an event. The embedded log alone, without HTTP.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteLog } from '../../adapters/event-log/sqlite/log.ts';
import { systemClock, systemHashes } from '../../adapters/platform.ts';
import { sealLog } from '../../adapters/seals/seal-log.ts';
import { generateSigningKey, sha256, signingKey } from '../../adapters/seals/signing.ts';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import { chainedEvents } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import { MINUTE } from '../../domain/time.ts';
import { stockAsOf } from '../../projections/as-of.ts';
import { explainAt } from '../../projections/explain-at.ts';
import { logPages } from '../../projections/log-pages.ts';
import { verifyChain } from '../../projections/verify-chain.ts';
import { verifySeals } from '../../projections/verify-seals.ts';
import { type Figure, figure } from '../figure.ts';
import { seeded } from '../load/load.ts';
import type { Part } from '../part.ts';
import { inTurns } from '../servers/local-actors.ts';

const LOCATIONS = Array.from({ length: 10 }, (_, n) => `location-${n}`);
const EVENTS_PER_STOCK = 10;
/** Of the events, so many happened to one stock. */
const HOT_SHARE = 0.01;
const SAMPLES = 30;
const START_AT = 1_790_000_000_000;

export const auditPart: Part = {
  name: 'audit',
  title: 'Audit',
  async run({ sizes, directory, progress }) {
    const events = sizes.manyStocks;
    const folder = join(directory, 'audit');
    mkdirSync(folder);
    const hot = Math.max(EVENTS_PER_STOCK, Math.round(events * HOT_SHARE));
    const skus = Math.max(1, Math.round((events - hot) / EVENTS_PER_STOCK / LOCATIONS.length));
    const open = () => openSqliteLog({ directory: folder, clock: systemClock, onFatal: fail });
    const filled = await open();
    progress(`writing ${events.toLocaleString('en')} events`);
    await fill(filled, skus, hot);
    await filled.close();
    const log = await open();
    progress('asking for the past');
    const figures = await past(log, skus, hot, `${events.toLocaleString('en')} events`);
    progress('sealing and verifying');
    figures.push(...(await sealing(log, join(folder, 'seals.ndjson'))));
    await log.close();
    rmSync(folder, { recursive: true });
    return figures;
  },
};

function fail(error: Error): never {
  throw error;
}

/** Round by round, so that the events of a stock lie apart in the log, as they do in a real one. */
async function fill(log: EventLog, skus: number, hot: number): Promise<void> {
  const ends = new Map<string, { revision: number; hash: string }>();
  const append = async (stream: string, count: number) => {
    const end = ends.get(stream) ?? { revision: -1, hash: '0' };
    const sales = Array.from({ length: count }, (_, n) => sale(end.revision + 1 + n));
    const chained = chainedEvents({ stream, ...end }, sales, `${stream}:${end.revision}`, systemHashes);
    const { revision } = await log.append(stream, end.revision, chained);
    ends.set(stream, { revision, hash: chained.at(-1)!.metadata['hash'] as string });
  };
  for (let round = 0; round < EVENTS_PER_STOCK; round++) {
    await inTurns(skus * LOCATIONS.length, 500, (n) =>
      append(stockStream(`sku-${n % skus}`, LOCATIONS[Math.floor(n / skus)]!), 1),
    );
    await append(stockStream('hot', LOCATIONS[0]!), Math.round(hot / EVENTS_PER_STOCK));
  }
}

function sale(revision: number) {
  const at = START_AT + revision * MINUTE;
  const levels = { onHand: -1 - revision, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
  const data = {
    v: 1,
    commandId: `c-${revision}`,
    source: 'till-7',
    occurredAt: at,
    recordedAt: at,
    quantity: 1,
    levels,
  };
  return { type: 'UnitsSold', data, metadata: { client: 'till-7', causationId: `c-${revision}` } };
}

async function past(log: EventLog, skus: number, hot: number, shown: string): Promise<Figure[]> {
  const random = seeded(11);
  const policy = compilePolicy(
    PolicyDocument.parse({
      version: 'bench',
      locations: LOCATIONS.map((id) => ({ id })),
      channels: [{ id: 'webshop', locations: LOCATIONS }],
    }),
  );
  const times = { asOf: START_AT + 7 * MINUTE, knownAt: START_AT + 8 * MINUTE };
  const asked = { occurredUpTo: times.asOf, recordedUpTo: times.knownAt };
  const msOf = async (work: () => Promise<unknown>) => {
    const from = performance.now();
    await work();
    return performance.now() - from;
  };
  const samples = { stock: [] as number[], hot: [] as number[], figure: [] as number[] };
  for (let n = 0; n < SAMPLES; n++) {
    const sku = `sku-${Math.floor(random() * skus)}`;
    samples.stock.push(await msOf(() => stockAsOf(log, sku, LOCATIONS[n % LOCATIONS.length]!, asked)));
    samples.figure.push(await msOf(() => explainAt(log, { channel: 'webshop', sku, ...times, policy })));
  }
  for (let n = 0; n < 3; n++) samples.hot.push(await msOf(() => stockAsOf(log, 'hot', LOCATIONS[0]!, {})));
  const hotShown = `a stock with ${hot.toLocaleString('en')} of them`;
  return [
    figure('audit.stock', `a stock as of two times, log of ${shown}`, 'ms', samples.stock),
    figure(
      'audit.figure',
      `a figure over ${LOCATIONS.length} locations as of two times, log of ${shown}`,
      'ms',
      samples.figure,
    ),
    figure('audit.hot', `${hotShown}, as of now from its first event`, 'ms', samples.hot),
  ];
}

async function sealing(log: EventLog, file: string): Promise<readonly Figure[]> {
  const key = signingKey(generateSigningKey().privatePem);
  const rate = async (work: () => Promise<number>) => {
    const from = performance.now();
    const events = await work();
    return (events * 1_000) / (performance.now() - from);
  };
  const room = { file, key, hashes: systemHashes, clock: systemClock };
  const sealed = await rate(async () => (await sealLog({ ...room, pages: (after) => logPages(log, after) })).newEvents);
  const chains = await rate(async () => (await verifyChain(log, systemHashes)).events);
  const tree = { seals: [], sha256, hashes: systemHashes, witness: undefined };
  const seals = await rate(async () => (await verifySeals(() => logPages(log), tree)).unsealed);
  return [
    figure('audit.seal', 'first seal', '/s', sealed, 'with its witness'),
    figure('audit.chains', 'hash chains verified', '/s', chains),
    figure('audit.seals', 'log compared with seals', '/s', seals),
  ];
}
