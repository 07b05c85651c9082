// The lines of a stocktake as people read them, sheet by sheet and by SKU on each: what was counted, what should have been
// there by all that is known today, and why it differs. Facts from before a count that came after it change its variance
// here, and never the stock.
import type { VarianceReason } from '../../domain/count/commands.ts';
import type { LineStatus } from '../../domain/count/machine.ts';
import type { Line } from '../../domain/count/sheet.ts';
import { sheetId } from '../../domain/count/sheet-of.ts';
import { countId } from '../../domain/count/sheet-workflow.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Instant } from '../../domain/time.ts';
import { expectedToday } from '../../projections/late-facts.ts';
import type { StocktakeRow } from '../../projections/stocktakes.ts';
import type { Counts } from './counts.ts';

export interface ReportLine {
  readonly sku: string;
  readonly status: LineStatus;
  /** Known here when the stocktake was opened. */
  readonly known: boolean;
  readonly counted?: number;
  readonly countedAt?: Instant;
  /** By all that is known today. */
  readonly expected?: number;
  readonly variance?: number;
  /** When the line came. */
  readonly expectedAtCount?: number;
  readonly varianceAtCount?: number;
  /** Facts from before the count that came after it. */
  readonly lateFacts?: number;
  /** `late-fact`: facts that came late explain all of it. */
  readonly reason?: VarianceReason | 'late-fact' | undefined;
  readonly counter?: string;
  readonly device?: string | undefined;
  readonly decidedBy?: string | undefined;
}

/** The last line seen: the next page begins after it. */
export interface ReportPlace {
  readonly sheet: number;
  readonly after: string;
}

export interface ReportPage {
  readonly lines: readonly ReportLine[];
  /** Undefined on the last page. */
  readonly next: ReportPlace | undefined;
}

export interface ReportRoom {
  readonly log: EventLog;
  readonly counts: Pick<Counts, 'sheet'>;
  /** Facts older than this are parked, ms. */
  readonly windowMs: number;
}

export interface ReportAsked {
  readonly status: LineStatus | undefined;
  readonly from: ReportPlace | undefined;
  readonly limit: number;
}

/** Stocks read at once. */
const AT_ONCE = 32;

/** Costs the sheets it looks at, and for each line what has happened to its stock since. @throws Unavailable */
export async function reportPage(
  room: ReportRoom,
  { id, location, sheets }: StocktakeRow,
  { status, from, limit }: ReportAsked,
): Promise<ReportPage> {
  const found: { readonly sheet: number; readonly line: Line }[] = [];
  for (let sheet = from?.sheet ?? 0; sheet < sheets.length && found.length <= limit; sheet++) {
    const row = sheets[sheet];
    if (row === undefined || (status !== undefined && row.tally.statuses[status] === 0)) continue;
    const after = sheet === from?.sheet ? from.after : '';
    // By SKU.
    const lines = [...((await room.counts.sheet(id, sheet))?.lines.values() ?? [])];
    const wanted = lines.filter((line) => line.sku > after && (status === undefined || line.status === status));
    // One more than asked tells whether there is a next page.
    for (const line of wanted.slice(0, limit + 1 - found.length)) found.push({ sheet, line });
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    lines: await inTurns(page, ({ sheet, line }) => reportLine(room, location, sheetId(id, sheet), line)),
    next: found.length > limit && last !== undefined ? { sheet: last.sheet, after: last.line.sku } : undefined,
  };
}

async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    done.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  }
  return done;
}

async function reportLine(
  { log, windowMs }: ReportRoom,
  location: string,
  sheet: string,
  line: Line,
): Promise<ReportLine> {
  const { sku, status, known, count, decided } = line;
  if (count === undefined) return { sku, status, known };
  const { number, counted, countedAt, revision, since } = count;
  const made = {
    sku,
    location,
    countedAt,
    revision,
    since,
    expected: count.expected,
    commandId: countId(sheet, number),
  };
  const { expected, lateFacts } = await expectedToday(log, made, windowMs);
  const variance = counted - expected;
  const varianceAtCount = counted - count.expected;
  const isExplained = variance === 0 && varianceAtCount !== 0;
  const reason = isExplained ? 'late-fact' : (count.reason ?? (variance === 0 ? undefined : 'unknown'));
  return {
    ...{ sku, status, known, counted, countedAt, expected, variance, expectedAtCount: count.expected, varianceAtCount },
    ...{ lateFacts, reason, counter: count.counter, device: count.device, decidedBy: decided?.by },
  };
}
