// `evenstock history`: what happened to one SKU at one location, from a log that no server has open or by asking a
// running server; and its levels as of two times (bitemporal): what was true, and what was believed.
import { systemClock } from '../../adapters/platform.ts';
import { bigintAsText } from '../../domain/bigint-json.ts';
import { available } from '../../domain/stock/levels.ts';
import { stockHistory } from '../../projections/history.ts';
import { type HistoryEntry, historyEntry } from '../routes/stock.ts';
import { readStockAt, type StockAtView } from '../routes/stock-at.ts';
import { askServer } from './ask-server.ts';
import { printTable } from './print-table.ts';
import { withLog } from './stores.ts';
import { forPeople, type TimesOptions, timesOf, timesQuery } from './times.ts';

export interface HistoryOptions extends TimesOptions {
  readonly url?: string;
  readonly key?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const LIMIT_MAX = 1_000;

export async function history(sku: string, location: string, options: HistoryOptions): Promise<void> {
  const limit = Math.min(options.limit, LIMIT_MAX);
  const times = timesOf(options, systemClock.now());
  if (options.url !== undefined) {
    const server = { url: options.url, ...(options.key !== undefined && { key: options.key }) };
    const path = `/v1/stock/${encodeURIComponent(sku)}/${encodeURIComponent(location)}`;
    if (times !== undefined) {
      return printLevels((await askServer(path + timesQuery(options), server)) as StockAtView, options);
    }
    const { entries } = (await askServer(`${path}/history?limit=${limit}`, server)) as { entries: HistoryEntry[] };
    return print(entries, options);
  }
  await withLog(async (log) => {
    if (times !== undefined) return printLevels(await forPeople(readStockAt(log, sku, location, times)), options);
    const { events } = await stockHistory(log, sku, location, { order: 'newest-first', limit });
    print(events.map(historyEntry), options);
  });
}

function print(entries: readonly HistoryEntry[], { json }: HistoryOptions): void {
  if (json) return void printLine(entries);
  const columns = ['rev', 'occurred', 'recorded', 'event', 'units', 'on-hand', 'reserved', 'available', 'source'];
  const rows = entries.map((entry) => {
    const { revision, occurredAt, recordedAt, event, levels, source } = entry;
    const units = 'quantity' in entry ? entry.quantity : 'counted' in entry ? entry.counted : '';
    const { onHand, reserved } = levels;
    return [revision, occurredAt, recordedAt, event, units, onHand, reserved, available(levels), source].map(String);
  });
  printTable(columns, rows, 'nothing has been recorded');
}

function printLevels(stock: StockAtView, { json }: HistoryOptions): void {
  if (json) return void printLine(stock);
  const { onHand, reserved, quarantined, inTransitIn, inTransitOut, events, revision, position, countedAt } = stock;
  process.stdout.write(
    `on-hand ${onHand}, reserved ${reserved}, quarantined ${quarantined}, available ${stock.available}, ` +
      `in transit in ${inTransitIn}, out ${inTransitOut}\n` +
      `from ${events} events${countedAt === undefined ? '' : `, counted at ${countedAt}`}; ` +
      `the last is revision ${revision}, position ${position}\n`,
  );
}

function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, bigintAsText)}\n`);
}
