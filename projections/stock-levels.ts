// Stock levels: the quantities of every stock, in columns. Every stock event carries the levels after it, so the fold
// is "take them if the event is newer" and repeats nothing of the decider's arithmetic; redelivery changes nothing.
import type { JsonObject, RecordedEvent } from '../domain/event-log.ts';
import { readStockEvent, STOCK_EVENT_VERSION, StockEvent, type StockEventType } from '../domain/stock/events.ts';
import { reservationChannel } from '../domain/stock/evolve.ts';
import { reservedDelta } from '../domain/stock/movement.ts';
import { parseStockStream, stockStream } from '../domain/stock/stream.ts';
import { createChangedPages } from './changed-pages.ts';
import { type Oversold, oversoldUnits, tallyOversold } from './oversold-tally.ts';
import type { Page, Projection } from './projection.ts';
import { namePage, PAGE_NAMES, PAGE_ROWS, readStockTable, rowPage } from './stock-pages.ts';
import { ACTIVE, createStockTable, FROZEN, RETIRED, type StockTable } from './stock-table.ts';

export const STOCK_LEVELS = 'stock-levels';

/** Told around each change of a row; must not throw. */
export interface StockWatcher {
  before(row: number): void;
  after(row: number): void;
}

export interface StockLevels extends Projection {
  readonly table: StockTable;
  /** Promised or quarantined beyond what is there: how many stocks, and by how many units in all. */
  oversold(): Oversold;
  /** At most one; none while a rebuild folds, when nobody reads. */
  watch(watcher: StockWatcher | undefined): void;
  markAllChanged(): void;
}

type Effect = 'levels' | 'reservation' | 'life';
const EFFECTS: ReadonlyMap<string, Effect> = new Map(
  StockEvent.options.map((option) => [option.shape.type.value, effectOf(option.shape.type.value)]),
);

function effectOf(type: StockEventType): Effect {
  switch (type) {
    case 'StockFrozen':
    case 'StockUnfrozen':
    case 'StockRetired':
    case 'StockReinstated':
      return 'life';
    case 'ReservationMade':
    case 'ReservationReleased':
    case 'ReservationExpired':
    case 'UnitsSold':
    case 'FulfilmentConfirmed':
    case 'TransferDispatched':
      return 'reservation';
    default:
      return 'levels';
  }
}

export function createStockLevels(): StockLevels {
  let table = createStockTable();
  let watcher: StockWatcher | undefined;
  let oversold = tallyOversold(table);
  const rows = createChangedPages((page) => rowPage(table, page));
  /** Names stored so far: a page of names changes only by growing. */
  const stored = { sku: 0, location: 0 };

  function* namePages(kind: 'sku' | 'location', from: number, size: number): Generator<Page> {
    if (from === size) return;
    const names = kind === 'sku' ? table.skus : table.locations;
    for (let page = Math.floor(from / PAGE_NAMES); page * PAGE_NAMES < size; page++) {
      yield namePage(kind, names, page, size);
    }
  }
  function* pages(before: typeof stored, now: typeof stored, changed: Iterable<Page>): Generator<Page> {
    yield* namePages('sku', before.sku, now.sku);
    yield* namePages('location', before.location, now.location);
    yield* changed;
  }

  return {
    name: STOCK_LEVELS,
    version: 1,
    get table() {
      return table;
    },
    oversold: () => oversold.now(),
    watch(next) {
      watcher = next;
    },
    apply(recorded) {
      if (!recorded.stream.startsWith(STOCK_PREFIX)) return;
      let row = table.findNamed(recorded.stream, STOCK_PREFIX.length);
      if (row >= 0 && recorded.revision <= table.columns.revision[row]!) return;
      const name = row >= 0 ? undefined : parseStockStream(recorded.stream);
      if (row < 0 && name === undefined) return;
      // Whatever can throw comes before the first change, so that a poison event leaves no trace.
      const event = current(recorded);
      const levels = levelsOf(recorded, event);
      rows.willChange((name === undefined ? row : table.rows) >>> PAGE_SHIFT);
      if (name !== undefined) row = table.add(table.skus.intern(name.sku), table.locations.intern(name.location));
      watcher?.before(row);
      const short = oversoldUnits(table, row);
      write(table, row, recorded, levels);
      oversold.moved(short, oversoldUnits(table, row));
      const effect = EFFECTS.get(recorded.type);
      if (effect !== 'levels') applyEffect(table, row, recorded.type, event, effect);
      watcher?.after(row);
    },
    takeChangedPages() {
      const before = { ...stored };
      stored.sku = table.skus.size;
      stored.location = table.locations.size;
      return pages(before, { ...stored }, rows.take());
    },
    restore(from) {
      table = readStockTable(from);
      oversold = tallyOversold(table);
      stored.sku = table.skus.size;
      stored.location = table.locations.size;
    },
    markAllChanged() {
      stored.sku = 0;
      stored.location = 0;
      rows.changeAll(Math.ceil(table.rows / PAGE_ROWS));
    },
  };
}
const PAGE_SHIFT = Math.log2(PAGE_ROWS);
/** What `stockStream` puts before the SKU. */
const STOCK_PREFIX = stockStream('', '').slice(0, -1);

/** The event's data in the current version. Events written in it are not copied: this is the hot path of a rebuild. */
function current(recorded: RecordedEvent): JsonObject {
  const { data } = recorded;
  if (data['v'] === STOCK_EVENT_VERSION && EFFECTS.has(recorded.type)) return data;
  return readStockEvent(recorded) as unknown as JsonObject;
}

function levelsOf(recorded: RecordedEvent, event: JsonObject): Record<string, number> {
  const levels = event['levels'] as Record<string, number> | undefined;
  const isWhole =
    levels !== undefined &&
    Number.isSafeInteger(levels['onHand']) &&
    Number.isSafeInteger(levels['reserved']) &&
    Number.isSafeInteger(levels['quarantined']) &&
    Number.isSafeInteger(levels['inTransitIn']) &&
    Number.isSafeInteger(levels['inTransitOut']);
  if (!isWhole) throw new Error(`${recorded.stream}@${recorded.revision}: ${recorded.type} without whole levels`);
  return levels;
}

function write(table: StockTable, row: number, recorded: RecordedEvent, levels: Record<string, number>): void {
  const { columns } = table;
  columns.onHand[row] = levels['onHand']!;
  columns.reserved[row] = levels['reserved']!;
  columns.quarantined[row] = levels['quarantined']!;
  columns.inTransitIn[row] = levels['inTransitIn']!;
  columns.inTransitOut[row] = levels['inTransitOut']!;
  columns.revision[row] = recorded.revision;
  columns.position[row] = recorded.position;
}

function applyEffect(table: StockTable, row: number, type: string, data: JsonObject, effect: Effect | undefined): void {
  if (effect === 'life') {
    table.columns.life[row] = lifeOf(data);
    return;
  }
  if (type === 'UnitsSold' && data['consumed'] === undefined) return;
  const event = { ...data, type } as unknown as StockEvent;
  const channel = reservationChannel(event);
  if (channel !== undefined) table.reservedBy.add(row, channel, reservedDelta(event));
}

/** The life after the event stands in it, as the levels do: a late freeze may change nothing. */
function lifeOf(data: JsonObject): number {
  switch (data['life']) {
    case 'frozen':
      return FROZEN;
    case 'retired':
      return RETIRED;
    default:
      return ACTIVE;
  }
}
