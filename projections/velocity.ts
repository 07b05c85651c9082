// Velocity of every stock by who sold, and the publish lag of every channel, folded from the log alone. Log time goes
// in steps of five minutes: what prices are made with is as of the start of the running step, so between two steps no
// figure moves on its account, and at any position it is the same live, restored and rebuilt (P8).
import { parseChannelStream, readChannelEvent } from '../domain/channel/events.ts';
import { type JsonObject, type RecordedEvent, START } from '../domain/event-log.ts';
import { STEP_MS, stepOf } from '../domain/signals/decay.ts';
import { demandUnits, isDemandType, latenessMs, seller } from '../domain/signals/demand.ts';
import { afterBatch, afterStep, type PublishLag, UNMEASURED } from '../domain/signals/publish-lag.ts';
import { readStockEvent, STOCK_EVENT_VERSION } from '../domain/stock/events.ts';
import { parseStockStream, stockStream } from '../domain/stock/stream.ts';
import { HOUR } from '../domain/time.ts';
import { createChangedPages } from './changed-pages.ts';
import type { Page, Projection } from './projection.ts';
import {
  type Head,
  headPage,
  NAME_KINDS,
  type NameKind,
  namePages,
  namesOf,
  PAGE_ROWS,
  readVelocity,
  rowPage,
} from './velocity-pages.ts';
import { addDemand, createVelocityTable, type VelocityTable } from './velocity-table.ts';

export const VELOCITY = 'velocity';

export interface Velocity extends Projection {
  readonly table: VelocityTable;
  /** The running step of log time: only ever grows. -1 before the first stock event. */
  readonly step: number;
  /** What prices are made with, ms; undefined: not measured yet. */
  lagMs(channel: string): number | undefined;
  /** At most one; called when a step has begun. Must not throw. */
  watch(onStep: OnStep | undefined): void;
  /** Ids of the SKUs with demand in the running step. */
  sold(): ReadonlySet<number>;
  markAllChanged(): void;
}

/** `position`: of the event that began the step. `sold`: ids of the SKUs with demand in the step that ended. */
export type OnStep = (position: bigint, sold: ReadonlySet<number>) => void;

/** A clock that ran ahead took log time with it; when events come from this much earlier, it goes on from there. */
const BACK_STEPS = HOUR / STEP_MS;
/** What `stockStream` puts before the SKU. */
const STOCK_PREFIX = stockStream('', '').slice(0, -1);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface State extends Mutable<Omit<Head, 'lags'>> {
  table: VelocityTable;
  readonly lags: Map<string, PublishLag>;
  onStep: OnStep | undefined;
  sold: Set<number>;
}

export function createVelocity(): Velocity {
  const state: State = {
    table: createVelocityTable(),
    position: START,
    step: -1,
    clockStep: -1,
    lags: new Map(),
    onStep: undefined,
    sold: new Set(),
  };
  const rows = createChangedPages((page) => rowPage(state.table, page));
  let isHeadChanged = false;
  /** Names stored so far: a page of names changes only by growing. */
  let named: Readonly<Record<NameKind, number>> = { sku: 0, location: 0, seller: 0 };
  const sizes = () => ({
    sku: state.table.skus.size,
    location: state.table.locations.size,
    seller: state.table.sellers.size,
  });

  function* pages(before: typeof named, now: typeof named, head: Page | undefined, changed: Iterable<Page>) {
    if (head !== undefined) yield head;
    for (const kind of NAME_KINDS) yield* namePages(kind, namesOf(state.table, kind), before[kind], now[kind]);
    yield* changed;
  }

  return {
    name: VELOCITY,
    version: 1,
    get table() {
      return state.table;
    },
    get step() {
      return state.step;
    },
    sold: () => state.sold,
    lagMs: (channel) => state.lags.get(channel)?.usedMs,
    watch(onStep) {
      state.onStep = onStep;
    },
    apply(recorded) {
      // Events come in log order: what is not after the last one has been folded.
      if (recorded.position <= state.position) return;
      if (recorded.stream.startsWith(STOCK_PREFIX)) traded(state, recorded, rows.willChange);
      else if (saysLag(recorded)) published(state, recorded);
      else return;
      state.position = recorded.position;
      isHeadChanged = true;
    },
    takeChangedPages() {
      const [before, now] = [named, sizes()];
      const head = isHeadChanged ? headPage(state) : undefined;
      named = now;
      isHeadChanged = false;
      return pages(before, now, head, rows.take());
    },
    restore(from) {
      restore(state, from);
      named = sizes();
    },
    markAllChanged() {
      named = { sku: 0, location: 0, seller: 0 };
      isHeadChanged = state.position !== START;
      rows.changeAll(Math.ceil(state.table.rows / PAGE_ROWS));
    },
  };
}

function restore(state: State, from: Iterable<Page>): void {
  const stored = readVelocity(from);
  if (stored === undefined) return;
  const { table, head } = stored;
  state.table = table;
  state.position = head.position;
  state.step = head.step;
  state.clockStep = head.clockStep;
  for (const [channel, lag] of head.lags) state.lags.set(channel, lag);
  for (let row = 0; row < table.rows; row++) {
    if (table.columns.step[row] === head.step) state.sold.add(table.columns.sku[row]!);
  }
}

function traded(state: State, recorded: RecordedEvent, willChange: (page: number) => void): void {
  // Whatever can throw comes before the first change, so that a poison event leaves no trace.
  const data = current(recorded);
  const recordedAt = data['recordedAt'];
  const units = isDemandType(recorded.type) ? demandUnits(recorded.type, data) : 0;
  if (!Number.isSafeInteger(recordedAt) || !Number.isSafeInteger(units))
    throw new Error(`${recorded.stream}@${recorded.revision}: ${recorded.type} without whole units and time`);
  moveTime(state, stepOf(recordedAt as number), recorded.position);
  if (units === 0) return;
  const { table, step } = state;
  let stock = table.stockNamed(recorded.stream, STOCK_PREFIX.length);
  if (stock < 0) {
    const named = parseStockStream(recorded.stream);
    if (named === undefined) return;
    stock = table.addStock(named.sku, named.location);
  }
  const by = table.sellers.intern(seller(data));
  const known = table.find(stock, by);
  willChange(Math.floor((known < 0 ? table.rows : known) / PAGE_ROWS));
  const row = known < 0 ? table.add(stock, by) : known;
  if (known < 0 || table.columns.step[row] !== step) state.sold.add(table.columns.sku[row]!);
  addDemand(table, row, step, units, Math.floor(latenessMs(data) / STEP_MS));
}

/** The event's data in the current version; events written in it are not copied. */
function current(recorded: RecordedEvent): JsonObject {
  if (recorded.data['v'] === STOCK_EVENT_VERSION) return recorded.data;
  return readStockEvent(recorded) as unknown as JsonObject;
}

function moveTime(state: State, clockStep: number, position: bigint): void {
  const steps = clockStep - state.clockStep;
  if (steps <= 0 && steps > -BACK_STEPS) return;
  // No step comes twice: what had sold in it would count as the running step's.
  state.step = state.clockStep < 0 ? clockStep : state.step + Math.max(1, steps);
  state.clockStep = clockStep;
  for (const [channel, lag] of state.lags) state.lags.set(channel, afterStep(lag));
  const { sold } = state;
  state.sold = new Set();
  state.onStep?.(position, sold);
}

const LAG_TYPES: ReadonlySet<string> = new Set(['AvailabilityPublished', 'AvailabilityReadBack']);

function saysLag({ type }: RecordedEvent): boolean {
  return LAG_TYPES.has(type);
}

function published(state: State, recorded: RecordedEvent): void {
  const channel = parseChannelStream(recorded.stream);
  const event = readChannelEvent(recorded);
  if (channel === undefined) return;
  state.lags.set(channel, afterBatch(state.lags.get(channel) ?? UNMEASURED, event));
}
