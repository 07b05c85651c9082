// Overload for real (fault row 8, R16): how much the server takes of each kind is found out first, then it is offered several
// times that for as long as wanted, with clients that ignore what they are told, hang up, or never read. Afterwards everything
// must drain and agree; then the same again and SIGTERM in the middle of it, and the same again and SIGKILL. At the end every
// answer is compared with the log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../bench/statistics.ts';
import { type Audited, audit } from './audit.ts';
import type { Second } from './crowd/tally.ts';
import { type CrowdProcess, startCrowd } from './crowd-process.ts';
import { LOCATIONS, skuName } from './names.ts';
import { CHANNELS, type Served, type Surroundings, serve, surround } from './served.ts';
import type { Sizes } from './sizes.ts';
import { type Moment, startWatch, type Watch } from './watch.ts';

export interface Run {
  readonly sizes: Sizes;
  /** Commands accepted a second while nobody was turned away, and by group. */
  readonly capacity: number;
  readonly capacityBy: Readonly<Record<string, number>>;
  /** From the beginning of the calm; the overload is between these two. */
  readonly moments: readonly Moment[];
  readonly overloadFrom: number;
  readonly overloadUntil: number;
  readonly drained: Drained;
  readonly stopped: { readonly tookMs: number; readonly code: number | null };
  readonly restartMs: number;
  readonly audited: Audited;
}

export interface Drained {
  /** From the end of the load until no channel had anything left to be told; NaN: it never came to that. */
  readonly channelsMs: number;
  /** Until no order was open: their holds had expired. */
  readonly ordersMs: number;
  /** SKUs that a channel shows otherwise than it should. */
  readonly different: number;
}

export type Say = (text: string) => void;

/** Groups whose wishes are counted for how much is offered. */
const WISHES = ['hot', 'wide', 'batch', 'order'] as const;
const OPENING_UNITS = 1_000_000;
const LOOK_MS = 250;

export async function overload(sizes: Sizes, say: Say): Promise<Run> {
  await using opened = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-overload-'));
  opened.defer(() => rmSync(directory, { recursive: true, force: true }));
  const around = opened.adopt(await surround(directory, sizes), ({ close }) => close());
  const served = await serve(around);
  opened.defer(() => void served.process.kill('SIGKILL'));
  await stockUp(served, around, sizes);
  say(`${sizes.skus * LOCATIONS.length} stocks are filled; the crowd comes`);
  const crowd = opened.adopt(startCrowd(), ({ stop }) => stop());
  await crowd.tell({ do: 'come', place: { port: served.port, keys: around.keys, sizes } });
  const watch = opened.adopt(startWatch(served, around), ({ close }) => close());
  const seconds = hear(crowd, watch, say);

  const { capacity, capacityBy } = await findCapacity(crowd, seconds, sizes, say);
  const wishesPerSecond = wishesOf(capacityBy, sizes);
  const overloadFrom = watch.moments.at(-1)!.minute;
  say(`it takes ${Math.round(capacity)} commands a second; it is offered ${sizes.times} times that`);
  await crowd.tell({ do: 'rush', wishesPerSecond });
  await sleep(sizes.overloadMs);
  const overloadUntil = watch.moments.at(-1)!.minute;
  await crowd.tell({ do: 'rest' });
  say('the load is over');
  const drained = await drain(served, around, watch, sizes);
  const { moments } = watch;
  watch.close();

  say(`drained after ${Math.round(drained.channelsMs / 1_000)} s; once more, and SIGTERM`);
  await crowd.tell({ do: 'rush', wishesPerSecond });
  await sleep(sizes.againMs);
  const stopped = await served.end('SIGTERM');
  await crowd.tell({ do: 'rest' });
  say(`stopped in ${Math.round(stopped.tookMs)} ms with code ${stopped.code}; once more, and SIGKILL`);
  const from = performance.now();
  const again = await serve(around, served.port);
  opened.defer(() => void again.process.kill('SIGKILL'));
  const restartMs = performance.now() - from;
  await crowd.tell({ do: 'rush', wishesPerSecond });
  await sleep(sizes.againMs);
  await again.end('SIGKILL');
  await crowd.tell({ do: 'rest' });
  say('killed; every answer is compared with the log');
  const { journals } = await crowd.tell({ do: 'journals' });
  const audited = await audit(around.env['DATA_DIR']!, journals!);
  return {
    ...{ sizes, capacity, capacityBy, moments, overloadFrom, overloadUntil },
    ...{ drained, stopped, restartMs, audited },
  };
}

/** Every second that it saw makes a moment; the last few are kept for whoever asks. */
function hear(crowd: CrowdProcess, watch: Watch, say: Say): readonly Second[] {
  const seconds: Second[] = [];
  crowd.onSecond((second) => {
    seconds.push(second);
    const moment = watch.take(second);
    if (moment !== undefined && seconds.length % SAY_EVERY === 0) say(line(moment));
  });
  return seconds;
}
const SAY_EVERY = 10;

/** Warms up for half of the time. */
async function findCapacity(crowd: CrowdProcess, seconds: readonly Second[], { calmMs }: Sizes, say: Say) {
  await crowd.tell({ do: 'calm' });
  await sleep(calmMs / 2);
  const from = seconds.length;
  await sleep(calmMs / 2);
  const measured = seconds.slice(from);
  await crowd.tell({ do: 'rest' });
  const capacityBy: Record<string, number> = {};
  for (const { acceptedBy } of measured)
    for (const [group, accepted] of Object.entries(acceptedBy))
      capacityBy[group] = (capacityBy[group] ?? 0) + accepted / measured.length;
  say(
    `capacity by group: ${JSON.stringify(capacityBy, (_, value) => (typeof value === 'number' ? Math.round(value) : value))}`,
  );
  return { capacity: median(measured.map(({ accepted }) => accepted)), capacityBy };
}

function wishesOf(capacityBy: Readonly<Record<string, number>>, { times, batchLines }: Sizes) {
  const commands = { hot: 1, wide: 1, order: 1, batch: batchLines };
  return Object.fromEntries(WISHES.map((group) => [group, (times * (capacityBy[group] ?? 0)) / commands[group]]));
}

function line({ minute, crowd, probed, ...seen }: Moment): string {
  const { offered, accepted, refused, refusals, silences, p50Ms, p99Ms, connections, withoutRetryAfter } = crowd;
  const { healthMs, overviewMs, backlog, projectionLagMs, waiting, ordersOpen } = seen;
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  return [
    `${minute.toFixed(1)} min: offered ${offered}, accepted ${accepted}, refused ${refused} ${JSON.stringify(refusals)}`,
    `no answer ${JSON.stringify(silences)}, without Retry-After ${withoutRetryAfter}, ${connections} connections`,
    `accepted p50 ${p50Ms.toFixed(0)} p99 ${p99Ms.toFixed(0)} ms, health ${healthMs.toFixed(0)} ms, overview ${overviewMs.toFixed(0)} ms, loop p99 ${probed.delayP99Ms.toFixed(0)} ms`,
    `resident ${mb(probed.residentBytes)} MB, heap ${mb(probed.heapBytes)} MB, outside ${mb(probed.externalBytes)} MB`,
    `waiting ${waiting}, backlog ${backlog}, figures behind ${projectionLagMs} ms, orders ${ordersOpen}${crowd.example === undefined ? '' : `, unexpected ${crowd.example}`}`,
  ].join('; ');
}

async function stockUp({ url }: Served, { keys }: Surroundings, { skus }: Sizes): Promise<void> {
  const occurredAt = new Date().toISOString();
  for (const location of LOCATIONS) {
    const receipts = Array.from({ length: skus }, (_, n) => {
      const sku = skuName(n);
      return { type: 'receipt', id: `open-${location}-${sku}`, sku, location, quantity: OPENING_UNITS, occurredAt };
    });
    const headers = { authorization: `Bearer ${keys.operator}`, 'content-type': 'application/json' };
    const sent = { method: 'POST', headers, body: JSON.stringify(receipts) };
    const text = await (await fetch(`${url}/v1/commands/batch`, sent)).text();
    const accepted = text.split('"outcome":"accepted"').length - 1;
    if (accepted !== skus) throw new Error(`${accepted} of ${skus} receipts were accepted: ${text.slice(0, 300)}`);
  }
}

async function drain(served: Served, around: Surroundings, watch: Watch, { drainMsMax }: Sizes): Promise<Drained> {
  const from = performance.now();
  let [channelsMs, ordersMs] = [Number.NaN, Number.NaN];
  while (performance.now() - from < drainMsMax && !(channelsMs >= 0 && ordersMs >= 0)) {
    await sleep(LOOK_MS);
    const { backlog, projectionLagMs, ordersOpen, waiting } = watch.moments.at(-1)!;
    const isTold = backlog === 0 && projectionLagMs === 0 && waiting === 0;
    // Units that come back from orders are told, too.
    if (!isTold) channelsMs = Number.NaN;
    else if (Number.isNaN(channelsMs)) channelsMs = performance.now() - from;
    if (ordersOpen > 0) ordersMs = Number.NaN;
    else if (Number.isNaN(ordersMs)) ordersMs = performance.now() - from;
  }
  return { channelsMs, ordersMs, different: await differences(served, around) };
}

/** SKUs that a channel shows otherwise than their available-to-sell. */
async function differences({ url }: Served, { keys, markets }: Surroundings): Promise<number> {
  interface Page {
    readonly availability: readonly { readonly sku: string; readonly units: number }[];
    readonly next?: string;
  }
  let different = 0;
  for (const channel of CHANNELS) {
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const headers = { authorization: `Bearer ${keys.operator}` };
      const answer = await fetch(`${url}/v1/availability/${channel}?limit=1000${query}`, { headers });
      const page = (await answer.json()) as Page;
      for (const { sku, units } of page.availability)
        if (markets.get(channel)!.listings.get(sku)?.units !== units) different += 1;
      cursor = page.next;
    }
  }
  return different;
}
