// Plays a month of real retail transactions through the product and compares the outcome with an independent count.
// Promise: any difference of a unit, any duplicate that had an effect and any row not accounted for is in the result.
import { readFile } from 'node:fs/promises';
import type { StockCommandJson } from '../../../domain/stock/commands.ts';
import { HOUR } from '../../../domain/time.ts';
import { batchesOf } from '../import/batches.ts';
import { ImportError, type Mapping, parseMapping } from '../import/mapping.ts';
import { readRows } from '../import/read-rows.ts';
import { type DefiniteResult, patience, settleBatch } from '../import/target.ts';
import { compareDay, type Difference, type Moved, movedIndependently, movedInLog } from './comparison.ts';
import { planDeliveries, seededRandom } from './deliveries.ts';
import { countIndependently, type IndependentMonth, webAvailability } from './independent.ts';
import { openRetailStore, type RetailStore, WEB } from './retail-store.ts';

export interface ReplaySettings {
  readonly file: string;
  readonly seed: number;
  /** Where the log and the read model are written; empty. */
  readonly directory: string;
  /** Share of the lines that are delivered twice. */
  readonly repeatedShare: number;
  /** Only the first days of the file. */
  readonly daysMax?: number;
  readonly onDay?: (day: string, delivered: number) => void;
}

export interface LocationLine extends Moved {
  readonly location: string;
  readonly skus: number;
  readonly opening: number;
  readonly onHandExpected: number;
  readonly onHandActual: number;
}

export interface ReplayResult {
  readonly seed: number;
  readonly month: Pick<IndependentMonth, 'rows' | 'quantitySum' | 'notGoods' | 'equalRows' | 'days'>;
  readonly lines: number;
  readonly takenOn: number;
  readonly deliveries: { readonly sent: number; readonly repeatedSoon: number; readonly repeatedLate: number };
  readonly answers: { readonly accepted: number; readonly duplicates: number };
  readonly events: number;
  /** Figures compared, over all days' ends. */
  readonly compared: number;
  readonly daysCompared: number;
  /** The first 100; `differencesTotal` counts them all. */
  readonly differences: readonly Difference[];
  readonly differencesTotal: number;
  readonly locations: readonly LocationLine[];
  readonly web: { readonly skus: number; readonly expected: number; readonly actual: number };
}

const MAPPING = new URL('../../../docs/examples/online-retail.mapping.json', import.meta.url);
const BATCH = 500;
const DIFFERENCES_SHOWN_MAX = 100;

/** @throws ImportError when the rows cannot be read or are not taken */
export async function replayMonth(settings: ReplaySettings): Promise<ReplayResult> {
  const month = countIndependently(settings.file, settings.daysMax);
  const lastDay = month.days.at(-1);
  if (lastDay === undefined) throw new ImportError(`${settings.file} has no rows of goods`);
  const commands = (await commandsOf(settings.file)).filter(({ occurredAt }) => occurredAt!.slice(0, 10) <= lastDay);
  const random = seededRandom(settings.seed);
  const { hours, repeatedSoon, repeatedLate } = planDeliveries(commands, settings.repeatedShare, random);
  const store = await openRetailStore(settings.directory, month.locations);
  try {
    const answers = { accepted: 0, duplicates: 0 };
    const deliver = (some: readonly StockCommandJson[]) => deliverAll(some, store, answers);
    const firstHour = hours[0]!.arrivesAt - HOUR;
    store.setTime(firstHour);
    await deliver(takeOn(month.opening, new Date(firstHour - HOUR).toISOString()));

    const differences: Difference[] = [];
    let compared = 0;
    let daysCompared = 0;
    let delivered = 0;
    for (const [n, { arrivesAt, commands: some }] of hours.entries()) {
      store.setTime(arrivesAt);
      await deliver(some);
      delivered += some.length;
      const day = dayOf(arrivesAt);
      const next = hours[n + 1];
      if (next !== undefined && dayOf(next.arrivesAt) === day) continue;
      await store.caughtUp();
      const outcome = compareDay(month, day, store.availability);
      compared += outcome.compared;
      daysCompared += 1;
      differences.push(...outcome.differences);
      settings.onDay?.(day, delivered);
    }
    const log = await movedInLog(store.log);
    differences.push(...accountingFaults(month, log, answers, { sent: delivered, commands: commands.length }));
    return {
      seed: settings.seed,
      month,
      lines: commands.length,
      takenOn: month.opening.size,
      deliveries: { sent: delivered, repeatedSoon, repeatedLate },
      answers,
      events: log.events,
      compared,
      daysCompared,
      differences: differences.slice(0, DIFFERENCES_SHOWN_MAX),
      differencesTotal: differences.length,
      ...tables(month, log.moved, store),
    };
  } finally {
    await store.close();
  }
}

/** The rows as commands, by the same reader and mapping as `evenstock import`. */
async function commandsOf(file: string): Promise<StockCommandJson[]> {
  const mapping: Mapping = parseMapping(await readFile(MAPPING, 'utf8'), MAPPING.pathname);
  const { rows } = readRows(file, mapping.csv);
  const commands: StockCommandJson[] = [];
  for await (const batch of batchesOf(rows, { mapping, isCsv: true, size: BATCH, afterLine: 0 })) {
    const [bad] = batch.invalid;
    if (bad !== undefined) throw new ImportError(`${file} line ${bad.line}: ${bad.detail}`);
    for (const { command } of batch.lines) commands.push(command);
  }
  return commands;
}

function takeOn(opening: ReadonlyMap<string, number>, occurredAt: string): StockCommandJson[] {
  return [...opening].map(([key, counted]) => {
    const [sku, location] = key.split('~') as [string, string];
    const id = `take-on:${sku}:${location}`.replaceAll(' ', '_');
    return { type: 'count', id, sku, location, occurredAt, counted, reason: 'stock take-on' };
  });
}

async function deliverAll(
  commands: readonly StockCommandJson[],
  { target }: RetailStore,
  answers: { accepted: number; duplicates: number },
): Promise<void> {
  for (let from = 0; from < commands.length; from += BATCH) {
    const some = commands.slice(from, from + BATCH);
    const settled = await settleBatch(some, target, patience);
    if ('unsettled' in settled) throw new ImportError(`not taken: ${settled.unsettled.detail}`);
    settled.results.forEach((result, n) => {
      if (!isTaken(result)) throw new ImportError(`${some[n]!.id} was not taken: ${JSON.stringify(result)}`);
      if (result.duplicate) answers.duplicates += 1;
      else answers.accepted += 1;
    });
  }
}

function isTaken(result: DefiniteResult): result is DefiniteResult & { outcome: 'accepted' } {
  return result.outcome === 'accepted';
}

function dayOf(arrivesAt: number): string {
  // The replay's month has no summer time: London's day is that of UTC.
  return new Date(arrivesAt - 1).toISOString().slice(0, 10);
}

/** Every row once, every duplicate recognised, every unit of the file found again. */
function accountingFaults(
  month: IndependentMonth,
  log: { readonly events: number; readonly moved: ReadonlyMap<string, Moved> },
  answers: { readonly accepted: number; readonly duplicates: number },
  { sent, commands }: { readonly sent: number; readonly commands: number },
): Difference[] {
  const moved = [...log.moved.values()];
  const sum = (of: (one: Moved) => number) => moved.reduce((total, one) => total + of(one), 0);
  const checks: readonly Difference[] = [
    { figure: 'rows: lines sent and rows left out', expected: month.rows, actual: commands + month.notGoods.rows },
    { figure: 'events: take-on and lines, each once', expected: month.opening.size + commands, actual: log.events },
    { figure: 'deliveries accepted', expected: month.opening.size + commands, actual: answers.accepted },
    { figure: 'deliveries recognised as duplicates', expected: sent - commands, actual: answers.duplicates },
    {
      figure: 'sum of Quantity: sold − returned − adjusted, and not goods',
      expected: month.quantitySum,
      actual: sum(({ sold, returned, adjusted }) => sold - returned - adjusted) + month.notGoods.quantity,
    },
  ];
  for (const [location, expected] of movedIndependently(month.movements)) {
    const actual = log.moved.get(location);
    for (const kind of ['lines', 'sold', 'returned', 'adjusted'] as const) {
      (checks as Difference[]).push({
        figure: `${kind} at ${location}`,
        expected: expected[kind],
        actual: actual?.[kind],
      });
    }
  }
  return checks.filter(({ expected, actual }) => expected !== actual);
}

function tables(
  month: IndependentMonth,
  moved: ReadonlyMap<string, Moved>,
  { availability }: RetailStore,
): Pick<ReplayResult, 'locations' | 'web'> {
  const end = month.onHandAt(month.days.at(-1)!);
  const web = webAvailability(end);
  const locations = month.locations.map((location) => {
    const keys = [...end.keys()].filter((key) => key.endsWith(`~${location}`));
    const sum = (of: (key: string) => number) => keys.reduce((total, key) => total + of(key), 0);
    return {
      location,
      skus: keys.length,
      ...(moved.get(location) ?? { lines: 0, sold: 0, returned: 0, adjusted: 0 }),
      opening: sum((key) => month.opening.get(key)!),
      onHandExpected: sum((key) => end.get(key)!),
      onHandActual: sum((key) => availability.stock(key.split('~')[0]!, location)?.levels.onHand ?? 0),
    };
  });
  const actual = [...availability.skus(WEB)].reduce((total, sku) => total + (availability.units(WEB, sku) ?? 0), 0);
  const expected = [...web.values()].reduce((total, units) => total + units, 0);
  return { locations, web: { skus: web.size, expected, actual } };
}
