// Which orders are open, in which status, and which still owe something to stocks: to list them, to find who else wants a
// SKU, and to go on with all that is unfinished after a restart. An order leaves when it has ended and owes nothing; the
// order itself is its stream.
import type { JsonObject, Position, RecordedEvent } from '../domain/event-log.ts';
import {
  ORDER_EVENT_TYPES,
  ORDER_EVENT_VERSION,
  ORDER_UPCASTERS,
  type OrderKind,
  type Units,
} from '../domain/order/events.ts';
import { isOpen, ORDER_STATUSES, type OrderStatus } from '../domain/order/machine.ts';
import { parseOrderStream } from '../domain/order/workflow.ts';
import { type Instant, minuteOf, msInMinute } from '../domain/time.ts';
import { readVersioned } from '../domain/versioned-event.ts';
import { ownCopy } from './names.ts';
import {
  createShared,
  fromStored,
  newRow,
  type OrderRow,
  type Row,
  type Shared,
  type StoredRow,
  toStored,
} from './orders-pages.ts';
import {
  noRows,
  oneLeft,
  type PlacedPage,
  type PlacedRows,
  pageAfter,
  placeOf,
  sizeOf,
  youngest,
} from './placed-rows.ts';
import type { Projection } from './projection.ts';
import { createStoredRows, type StoredRows } from './stored-rows.ts';

export const ORDERS = 'orders';

export interface OrderFilter {
  readonly status?: OrderStatus | undefined;
  readonly channel?: string | undefined;
  /** Cursor: those placed after this position. */
  readonly after: Position;
  readonly limit: number;
}

export interface Orders extends Projection {
  /** Open orders. */
  readonly open: number;
  /** Open orders, the oldest first. A page may be short, even empty, and have a next one. */
  page(filter: OrderFilter, mayList?: (row: OrderRow) => boolean): PlacedPage<OrderRow>;
  /** Open orders with this SKU among their lines, the youngest first. */
  withSku(sku: string, max: number): readonly OrderRow[];
  /** Open orders that are short and have this SKU among their lines, the oldest first. O(those). */
  shortOf(sku: string): readonly OrderRow[];
  /** Orders that owe something to stocks, open or not. */
  owing(): Iterable<OrderRow>;
  readonly owingCount: number;
  markAllChanged(): void;
}

/** Rows looked at for one page, so that a filter that matches nothing does not block. */
const PAGE_SCAN_MAX = 20_000;

interface Model {
  readonly rows: StoredRows<Row>;
  readonly open: PlacedRows<Row>;
  readonly bySku: Map<string, PlacedRows<Row>>;
  readonly owing: Set<Row>;
  /** By SKU. */
  readonly short: Map<string, Set<Row>>;
  readonly shared: Shared;
}

const isHere = ({ status }: Row) => isOpen(status);

export function createOrders(): Orders {
  const shared = createShared();
  const rows = createStoredRows({
    name: 'orders',
    keyOf: ({ id }) => id,
    toStored,
    fromStored: (stored: StoredRow) => fromStored(stored, shared),
  });
  const model: Model = { rows, open: noRows(), bySku: new Map(), owing: new Set(), short: new Map(), shared };

  return {
    name: ORDERS,
    version: 3,
    get open() {
      return sizeOf(model.open);
    },
    get owingCount() {
      return model.owing.size;
    },
    page({ status, channel, after, limit }, mayList = () => true) {
      const matches = (row: Row) =>
        isHere(row) &&
        (status === undefined || row.status === status) &&
        (channel === undefined || row.channel === channel) &&
        mayList(row);
      return pageAfter(model.open, after, limit, PAGE_SCAN_MAX, matches);
    },
    withSku(sku, max) {
      const same = model.bySku.get(sku);
      return same === undefined ? [] : youngest(same, max, isHere);
    },
    shortOf: (sku) => [...(model.short.get(sku) ?? [])].sort((a, b) => (a.placed < b.placed ? -1 : 1)),
    owing: () => model.owing,
    apply(recorded) {
      const id = parseOrderStream(recorded.stream);
      if (id === undefined || recorded.position <= rows.seen) return;
      fold(model, id, toldBy(recorded), recorded.position);
    },
    takeChangedPages: rows.takeChangedPages,
    markAllChanged: rows.markAllChanged,
    restore(stored) {
      rows.restore(stored);
      for (const row of rows.values()) {
        if (row.owed > 0) model.owing.add(row);
        noteShort(model, row);
      }
      const entering = [...rows.values()].filter(isHere).sort((a, b) => (a.placed < b.placed ? -1 : 1));
      for (const row of entering) enter(model, row);
    },
  };
}

function fold(model: Model, id: string, told: Told, position: Position): void {
  const before = model.rows.get(id);
  const hash = model.rows.changing(id, position);
  const row = before ?? newRow(ownCopy(id), model.shared.name(told.channel));
  const wasOpen = before !== undefined && isHere(row);
  row.status = told.status;
  row.owed = told.owed;
  row.changedMinute = minuteOf(told.recordedAt);
  row.changedMs = msInMinute(told.recordedAt);
  if (told.short !== undefined) row.short = told.short;
  if (told.placing !== undefined) {
    const { kind, placedAt, skus } = told.placing;
    const at = { placed: placeOf(position), placedMinute: minuteOf(placedAt), placedMs: msInMinute(placedAt) };
    Object.assign(row, { kind, ...at, skus: model.shared.names(skus) } satisfies Partial<Row>);
  }
  for (const sku of told.added ?? []) {
    if (row.skus.includes(sku)) continue;
    row.skus = model.shared.names([...row.skus, sku]);
    if (wasOpen) enterSku(model, row, row.skus.at(-1)!);
  }
  if (row.owed > 0) model.owing.add(row);
  else model.owing.delete(row);
  noteShort(model, row);
  if (!wasOpen && told.placing !== undefined && isHere(row)) enter(model, row);
  if (wasOpen && !isHere(row)) leave(model, row);
  const stays = isHere(row) || row.owed > 0;
  if (stays && before === undefined) model.rows.add(hash, row);
  else if (!stays && before !== undefined) model.rows.drop(hash, row);
}

function noteShort({ short }: Model, row: Row): void {
  const isShort = isHere(row) && row.short > 0;
  for (const sku of row.skus) {
    const same = short.get(sku);
    if (isShort && same === undefined) short.set(sku, new Set([row]));
    else if (isShort) same!.add(row);
    else if (same?.delete(row) && same.size === 0) short.delete(sku);
  }
}

function enter(model: Model, row: Row): void {
  model.open.rows.push(row);
  for (const sku of row.skus) enterSku(model, row, sku);
}

/** In the order in which they were placed: nearly always the last. */
function enterSku({ bySku }: Model, row: Row, sku: string): void {
  const same = bySku.get(sku) ?? noRows<Row>();
  const before = same.rows.findLastIndex(({ placed }) => placed < row.placed);
  same.rows.splice(before + 1, 0, row);
  bySku.set(sku, same);
}

function leave({ open, bySku }: Model, row: Row): void {
  oneLeft(open, isHere);
  for (const sku of row.skus) {
    const same = bySku.get(sku)!;
    oneLeft(same, isHere);
    if (sizeOf(same) === 0) bySku.delete(sku);
  }
}

interface Told {
  readonly channel: string;
  readonly status: OrderStatus;
  readonly owed: number;
  readonly recordedAt: Instant;
  readonly short?: number;
  /** SKUs of further lines. */
  readonly added?: readonly string[];
  readonly placing?: { readonly kind: OrderKind; readonly placedAt: Instant; readonly skus: readonly string[] };
}

/** What an event says. Whatever can throw comes before the first change. */
function toldBy(recorded: RecordedEvent): Told {
  const data: JsonObject =
    recorded.data['v'] === ORDER_EVENT_VERSION
      ? recorded.data
      : readVersioned(recorded, ORDER_EVENT_VERSION, ORDER_EVENT_TYPES, ORDER_UPCASTERS);
  const { channel, status, owed, recordedAt } = data as unknown as Told;
  const isSane = typeof channel === 'string' && STATUSES.has(status) && [owed, recordedAt].every(Number.isSafeInteger);
  if (!isSane)
    throw new Error(`${recorded.stream}@${recorded.revision}: ${recorded.type} does not say what became of it`);
  const told = { channel, status, owed, recordedAt };
  if (recorded.type === 'OrderShort') return { ...told, short: unitsIn(data['short']) };
  if (recorded.type === 'OrderLinesAdded') {
    return { ...told, added: (data['lines'] as unknown as readonly Units[]).map(({ sku }) => sku) };
  }
  if (recorded.type !== 'OrderPlaced') return told;
  const { kind, placedAt, lines } = data as unknown as Placed;
  return { ...told, placing: { kind, placedAt, skus: [...new Set(lines.map(({ sku }) => sku))] } };
}
const STATUSES: ReadonlySet<string> = new Set(ORDER_STATUSES);

interface Placed {
  readonly kind: OrderKind;
  readonly placedAt: Instant;
  readonly lines: readonly Units[];
}

function unitsIn(units: unknown): number {
  return (units as readonly Units[]).reduce((sum, { quantity }) => sum + quantity, 0);
}
