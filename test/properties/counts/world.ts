// Stocktakes over real stock actors on a log that fails and with a process that ends and starts again, beside a reference
// that knows nothing of sheets, fences or events: a list of what happened when, and of what was counted.
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { compilePolicy, PolicyDocument } from '../../../domain/channel/policy.ts';
import { needsApproval } from '../../../domain/count/policy.ts';
import { sheetId } from '../../../domain/count/sheet-of.ts';
import { sheetWorkflow } from '../../../domain/count/sheet-workflow.ts';
import { stocktakeWorkflow } from '../../../domain/count/stocktake.ts';
import { START } from '../../../domain/event-log.ts';
import { StockCommand } from '../../../domain/stock/commands.ts';
import { createStocktakes, isInBetween, type Stocktakes } from '../../../projections/stocktakes.ts';
import type { StockActors } from '../../../server/actors/answer.ts';
import type { StockReader } from '../../../server/actors/look.ts';
import { type Counts, createCounts, type LinesCommand } from '../../../server/counts/counts.ts';
import { runWorkflow } from '../../../server/workflows/workflows.ts';
import { actorsOver, NOON } from '../../support/actors.ts';
import { type AppendFault, type FaultyLog, faulty } from '../../support/faulty-log.ts';

export const LOCATION = 'store-1';
export const ID = 's';
const MINUTE = 60_000;
/** So many that there are three sheets. */
const KNOWN = ['A', 'B', 'C', ...Array.from({ length: 597 }, (_, n) => `other-${n}`)];
const DOCUMENT = { version: 'test', locations: [{ id: LOCATION }, { id: 'store-2' }] };
const POLICY = compilePolicy(PolicyDocument.parse(DOCUMENT));

export interface CountedOnce {
  readonly at: number;
  readonly counted: number;
  readonly waits: boolean;
}

/** What happened to one SKU, as the reference knows it. */
export interface Known {
  readonly moves: { readonly at: number; readonly units: number }[];
  readonly counts: { readonly at: number; readonly counted: number }[];
  /** The line as it is now. */
  line: { state: 'uncounted' | 'applied' | 'waiting' | 'rejected' | 'recount'; last?: CountedOnce };
}

/** On-hand at `at` by its definition: the last count up to then, and what moved after it. */
export function onHandOf({ moves, counts }: Pick<Known, 'moves' | 'counts'>, at: number): number {
  const last = counts
    .filter((count) => count.at <= at)
    .sort((a, b) => a.at - b.at)
    .at(-1);
  const since = last?.at ?? Number.NEGATIVE_INFINITY;
  const moved = moves.filter((move) => move.at <= at && move.at > since);
  return moved.reduce((sum, { units }) => sum + units, last?.counted ?? 0);
}

interface Process {
  readonly actors: StockActors & StockReader;
  readonly counts: Counts;
  readonly resume: (sheet: string) => Promise<void>;
}

/** @param before done before the stocktake is opened @param skus known at the location */
export async function countWorld(before: (log: FaultyLog) => void = () => {}, skus: readonly string[] = KNOWN) {
  const log = faulty(createMemoryLog());
  before(log);
  const known = new Map<string, Known>();
  const sent: LinesCommand[] = [];
  let step = 0;
  let process = start();

  function start(): Process {
    const now = () => NOON + step * MINUTE;
    const clock = { now };
    const actors = actorsOver(log, { policy: DOCUMENT, now });
    const room = {
      ...{ log, clock, hashes: systemHashes, random: Math.random, stocks: actors },
      // Nothing is tried again by time: the world says when.
      sleep: (ms: number) => (ms > 100 ? new Promise<void>(() => {}) : Promise.resolve()),
      view: () => ({ policy: POLICY, free: () => 0 }),
    };
    const sheets = runWorkflow(sheetWorkflow, room);
    const stocktakes = runWorkflow(stocktakeWorkflow, room);
    const counts = createCounts({
      ...{ log, stocks: actors, clock, sheets, stocktakes, policy: () => POLICY, knownSkus: () => skus },
      later: () => new Promise(() => {}),
      troubled: () => {},
    });
    return { actors, counts, resume: sheets.resume };
  }
  const knownOf = (sku: string): Known => {
    const one = known.get(sku) ?? { moves: [], counts: [], line: { state: 'uncounted' } };
    known.set(sku, one);
    return one;
  };
  const fact = async (sku: string, at: number, fields: Record<string, unknown>) => {
    const occurredAt = new Date(at).toISOString();
    const command = StockCommand.parse({ id: `fact-${step}`, sku, location: LOCATION, occurredAt, ...fields });
    for (let attempt = 0; attempt < 20; attempt++) {
      if ((await process.actors.submit({ command, client: 'till' })).outcome !== 'failed') return;
    }
  };
  /** As a client does it: what failed is sent again with the same id. */
  const untilJudged = async (command: LinesCommand, source: string) => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const answer = await process.counts.lines(ID, command, { source });
      if (answer.outcome !== 'judged') return answer;
      if (answer.lines.some(({ outcome }) => outcome === 'failed')) continue;
      // One that was refused may be taken when it is sent again: that is no repeat.
      if (answer.lines.some(({ outcome }) => outcome === 'accepted')) sent.push(command);
      // What a stock could not answer is asked again, sooner than anybody looks.
      for (let again = 0; again < 20 && !answer.settled && (await isOwing()); again++) await world.resume();
      return answer;
    }
    throw new Error('20 attempts were not enough');
  };

  const isOwing = async () => [...(await world.rows()).unsettled()].length > 0;

  const world = {
    log,
    known,
    sent,
    get process() {
      return process;
    },
    /** One more process on the same log, at the same time. */
    another: start,
    async open() {
      const open = { id: 'open', stocktakeId: ID, location: LOCATION, scope: { type: 'full' } } as const;
      return process.counts.open(open, { source: 'anna' });
    },
    /** A time that nothing else has. */
    at: (minutesAgo: number) => NOON + (step - minutesAgo) * MINUTE + step,
    tick() {
      step += 1;
    },
    /** The append after `others` more: that of a sheet, of a stock, or of what the stock said. */
    fail(fault: AppendFault, others: number) {
      log.script.push(...Array.from({ length: others }, () => 'none' as const), fault);
    },
    async move(sku: string, units: number, at: number) {
      const quantity = Math.abs(units);
      await fact(sku, at, units > 0 ? { type: 'receipt', quantity } : { type: 'sale', quantity });
      knownOf(sku).moves.push({ at, units });
    },
    /** A count of which no stocktake knows. */
    async countBeside(sku: string, counted: number, at: number) {
      await fact(sku, at, { type: 'count', counted });
      knownOf(sku).counts.push({ at, counted });
    },
    /** Counted by anna; the reference judges it for itself. */
    async count(sku: string, counted: number, at: number) {
      const command: LinesCommand = {
        type: 'count',
        id: `count-${step}`,
        lines: [{ sku, quantity: counted, countedAt: at }],
      };
      const one = knownOf(sku);
      const { state, last } = one.line;
      if ((state === 'uncounted' || state === 'recount') && (last === undefined || at > last.at)) {
        const waits = needsApproval(POLICY.document.counts, onHandOf(one, at), counted);
        one.line = { state: waits ? 'waiting' : 'applied', last: { at, counted, waits } };
        if (!waits) one.counts.push({ at, counted });
      }
      return untilJudged(command, 'anna');
    },
    async decide(type: 'approve' | 'reject' | 'recount', sku: string) {
      const command: LinesCommand = { type, id: `${type}-${step}`, skus: [sku] };
      const { line, counts } = knownOf(sku);
      if (type === 'recount') {
        if (line.state === 'waiting' || line.state === 'applied' || line.state === 'rejected') line.state = 'recount';
      } else if (line.state === 'waiting') {
        line.state = type === 'approve' ? 'applied' : 'rejected';
        if (type === 'approve') counts.push({ at: line.last!.at, counted: line.last!.counted });
      }
      return untilJudged(command, 'mia');
    },
    async again(n: number) {
      const command = sent[n % Math.max(1, sent.length)];
      if (command !== undefined) await untilJudged(command, command.type === 'count' ? 'anna' : 'mia');
    },
    /** What the log says of stocktakes, as the projection folds it. */
    async rows(): Promise<Stocktakes> {
      const stocktakes = createStocktakes();
      for (const event of await log.readAll(START, 100_000)) stocktakes.apply(event);
      return stocktakes;
    },
    /** The process ends as a kill ends it, and another goes on. */
    async restart() {
      process = start();
      await world.resume();
    },
    async resume() {
      for (const row of [...(await world.rows()).unsettled()]) {
        if (isInBetween(row)) await process.counts.goOn(row.id);
        for (const [number, sheet] of row.sheets.entries()) {
          if ((sheet?.tally.statuses.applying ?? 0) > 0) await process.resume(sheetId(row.id, number));
        }
      }
    },
    /** Nothing fails any more. */
    async heal() {
      log.script.length = 0;
      await world.restart();
    },
  };
  await world.open();
  return world;
}

export type CountWorld = Awaited<ReturnType<typeof countWorld>>;
