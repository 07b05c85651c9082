// `evenstock history`: what happened to one SKU at one location, from a log that no server has open or by asking a
// running server; and what was true, or was believed, at a time (bitemporal).
import type { EventLog } from '../../domain/event-log.ts';
import { InstantText } from '../../domain/stock/commands.ts';
import { available } from '../../domain/stock/levels.ts';
import { stockHistory, whatWasKnownAt, whatWasTrueAt } from '../../projections/history.ts';
import { ConfigError } from '../config.ts';
import { type HistoryEntry, historyEntry } from '../routes/stock.ts';
import { withLog } from './stores.ts';

export interface HistoryOptions {
  readonly url?: string;
  readonly key?: string;
  readonly trueAt?: string;
  readonly knownAt?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export async function history(sku: string, location: string, options: HistoryOptions): Promise<void> {
  if (options.url !== undefined) return print(await fromServer(options.url, sku, location, options), options);
  await withLog(async (log) => {
    const at = options.trueAt ?? options.knownAt;
    if (at !== undefined) return printLevels(await levelsAt(log, sku, location, at, options), options);
    const { events } = await stockHistory(log, sku, location, {
      order: 'newest-first',
      limit: Math.min(options.limit, 1_000),
    });
    print(events.map(historyEntry), options);
  });
}

function levelsAt(log: EventLog, sku: string, location: string, at: string, options: HistoryOptions) {
  const parsed = InstantText.safeParse(at);
  if (!parsed.success) throw new ConfigError(`${at}: ${parsed.error.issues[0]!.message}`);
  return options.trueAt === undefined
    ? whatWasKnownAt(log, sku, location, parsed.data)
    : whatWasTrueAt(log, sku, location, parsed.data);
}

async function fromServer(
  url: string,
  sku: string,
  location: string,
  options: HistoryOptions,
): Promise<readonly HistoryEntry[]> {
  if (options.trueAt !== undefined || options.knownAt !== undefined) {
    throw new ConfigError('--true-at and --known-at read the log itself: they cannot be combined with --url');
  }
  const key = options.key ?? process.env['EVENSTOCK_KEY'];
  const path = `/v1/stock/${encodeURIComponent(sku)}/${encodeURIComponent(location)}/history?limit=${Math.min(options.limit, 1_000)}`;
  const response = await fetch(new URL(path, url), {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
  const body = (await response.json()) as {
    readonly entries?: readonly HistoryEntry[];
    readonly detail?: string;
    readonly title?: string;
  };
  if (body.entries === undefined)
    throw new ConfigError(`${url} answered ${response.status}: ${body.detail ?? body.title}`);
  return body.entries;
}

function print(entries: readonly HistoryEntry[], { json }: HistoryOptions): void {
  if (json)
    return void process.stdout.write(
      `${JSON.stringify(entries, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}\n`,
    );
  if (entries.length === 0) return void process.stdout.write('nothing has been recorded\n');
  const columns = ['rev', 'occurred', 'recorded', 'event', 'units', 'on-hand', 'reserved', 'available', 'source'];
  const rows = entries.map((entry) => {
    const units = 'quantity' in entry ? entry.quantity : 'counted' in entry ? entry.counted : '';
    const { onHand, reserved } = entry.levels;
    return [
      entry.revision,
      entry.occurredAt,
      entry.recordedAt,
      entry.event,
      units,
      onHand,
      reserved,
      available(entry.levels),
      entry.source,
    ].map(String);
  });
  const widths = columns.map((name, n) => Math.max(name.length, ...rows.map((row) => row[n]!.length)));
  for (const row of [columns, ...rows])
    process.stdout.write(
      `${row
        .map((cell, n) => cell.padEnd(widths[n]!))
        .join('  ')
        .trimEnd()}\n`,
    );
}

function printLevels(at: Awaited<ReturnType<typeof whatWasTrueAt>>, { json }: HistoryOptions): void {
  if (json) return void process.stdout.write(`${JSON.stringify(at)}\n`);
  const { onHand, reserved, quarantined, inTransitIn, inTransitOut } = at.levels;
  process.stdout.write(
    `on-hand ${onHand}, reserved ${reserved}, quarantined ${quarantined}, available ${available(at.levels)}, ` +
      `in transit in ${inTransitIn}, out ${inTransitOut} (${at.events} events, the last is revision ${at.revision})\n`,
  );
}
