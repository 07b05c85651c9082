// Stocktakes at work: opens their sheets, takes counted lines on them while trade goes on, settles what waits, and closes
// the sheets when a stocktake ends. A line is taken by its sheet alone, so lines cost the same in a small and in a large
// stocktake. What a crash left half opened or half closed is gone on with after the next start (`goOn`).
import type { OpenStocktake, StocktakeCommandBody, StocktakeRefusal } from '../../domain/count/commands.ts';
import { addTallies, NO_TALLY, type Sheet, type Tally, tallyOf } from '../../domain/count/sheet.ts';
import type { LinesCommand as LinesOnSheets, SheetCommand } from '../../domain/count/sheet-decide.ts';
import { sheetId, sheetOf, sheetsFor } from '../../domain/count/sheet-of.ts';
import { notCountingText, type Stocktake, type StocktakeCommand } from '../../domain/count/stocktake.ts';
import { type Position, START } from '../../domain/event-log.ts';
import type { Sender } from '../workflows/course.ts';
import { createQueues } from '../workflows/queues.ts';
import type { WorkflowAnswer } from '../workflows/workflow-answer.ts';
import type { Workflows } from '../workflows/workflows.ts';
import { expectedAt, type StocksToLookAt } from './expected.ts';
import { type LinesJudged, linesOnSheets, type SheetsRoom } from './lines-on-sheets.ts';

export type StocktakeAnswer = WorkflowAnswer<Stocktake, StocktakeRefusal>;
export type LinesCommand = Exclude<StocktakeCommandBody, { type: 'complete' | 'cancel' }>;

export interface Counts {
  open(command: OpenStocktake, sender: Sender): Promise<StocktakeAnswer>;
  /** Counted lines, and what is decided about them: a verdict a line. */
  lines(stocktakeId: string, command: LinesCommand, sender: Sender): Promise<LinesJudged | StocktakeRefused>;
  end(stocktakeId: string, command: EndCommand, sender: Sender): Promise<StocktakeAnswer>;
  /** With what other processes have written. @throws Unavailable */
  stocktake(id: string): Promise<Stocktake | undefined>;
  /** One sheet, undefined before it is open. @throws Unavailable */
  sheet(stocktakeId: string, number: number): Promise<Sheet | undefined>;
  /** Goes on with what was left half opened or half closed. */
  goOn(stocktakeId: string): Promise<void>;
  close(): Promise<void>;
}

export type EndCommand = Extract<StocktakeCommandBody, { type: 'complete' | 'cancel' }>;
export type StocktakeRefused = Extract<StocktakeAnswer, { outcome: 'refused' }>;

export interface CountsRoom extends StocksToLookAt, SheetsRoom {
  readonly stocktakes: Workflows<Stocktake, StocktakeCommand, StocktakeRefusal>;
  /** SKUs expected at a location. */
  readonly knownSkus: (location: string) => readonly string[];
  /** Wait and try again. */
  readonly later: (attempt: number) => Promise<void>;
  /** Something failed that nobody waits for; it is tried again. Must not throw. */
  readonly troubled: (stocktakeId: string, error: unknown) => void;
}

const SELF = { source: 'evenstock' };

export function createCounts(room: CountsRoom): Counts {
  const { stocktakes, sheets } = room;
  const queues = createQueues();
  const attempts = new Map<string, number>();
  let closing = false;

  const stocktake = async (id: string) => (await stocktakes.state(id))?.state;
  const goOn = (id: string, traceparent?: string): Promise<Position> =>
    queues.run(id, async () => {
      try {
        const found = await stocktake(id);
        const position = found === undefined ? START : await step(room, found, { ...SELF, traceparent });
        attempts.delete(id);
        return position;
      } catch (error) {
        room.troubled(id, error);
        const attempt = (attempts.get(id) ?? 0) + 1;
        attempts.set(id, attempt);
        void room.later(attempt).then(() => (closing ? undefined : goOn(id)));
        return START;
      }
    });
  /** The answer once its sheets are open or closed; not settled if they could not be yet. */
  const through = async (answer: StocktakeAnswer, id: string, asker: Sender): Promise<StocktakeAnswer> => {
    if (answer.outcome !== 'accepted') return answer;
    const position = await goOn(id, asker.traceparent);
    const after = await stocktakes.state(id);
    if (after === undefined) return answer;
    const settled = !IN_BETWEEN.has(after.state.status);
    return { ...answer, ...after, settled, position: position > answer.position ? position : answer.position };
  };

  return {
    stocktake,
    goOn: async (id) => void (await goOn(id)),
    async open({ id, stocktakeId, location, scope }, sender) {
      const expected = scope.type === 'full' ? room.knownSkus(location).length : scope.skus.length;
      const command = { type: 'open', id, location, scope, sheets: sheetsFor(expected) } as const;
      return through(await stocktakes.submit(stocktakeId, command, sender), stocktakeId, sender);
    },
    async lines(stocktakeId, command, sender) {
      const found = await stocktake(stocktakeId);
      if (found === undefined) return refused('unknown-stocktake', `there is no stocktake ${stocktakeId}`);
      const counting = command.type === 'count' || command.type === 'zero' || command.type === 'recount';
      if (counting && found.status !== 'counting') return refused('not-counting', notCountingText(found));
      const asked = await sheetCommand(room, found, command, sender);
      return linesOnSheets(room, found, asked, sender);
    },
    async end(stocktakeId, command, sender) {
      const found = await stocktake(stocktakeId);
      const asked = found === undefined ? undefined : await endCommand(room, found, command);
      const answer = await stocktakes.submit(stocktakeId, asked ?? { type: 'cancel', id: command.id }, sender);
      return through(answer, stocktakeId, sender);
    },
    sheet: async (stocktakeId, number) => (await sheets.state(sheetId(stocktakeId, number)))?.state,
    async close() {
      closing = true;
      await queues.idle();
    },
  };
}

const IN_BETWEEN: ReadonlySet<string> = new Set(['opening', 'completing', 'cancelling']);

function refused(reason: StocktakeRefusal, detail: string): StocktakeRefused {
  return { outcome: 'refused', reason, detail };
}

/** Opens or closes the sheets of a stocktake and says so in its stream, at the position returned. Harmless when repeated. */
async function step(
  room: CountsRoom,
  { id, status, location, scope, sheets }: Stocktake,
  sender: Sender,
): Promise<Position> {
  if (status === 'opening') {
    const skus = divided(scope.type === 'full' ? room.knownSkus(location) : scope.skus, sheets);
    const command = { type: 'open', id: `stocktake:${id}:open`, location, takesOthers: scope.type === 'full' } as const;
    const tally = await onEverySheet(room, { id, sheets }, sender, (number) => ({ ...command, skus: skus[number]! }));
    const start = { type: 'start', id: `stocktake:${id}:start`, expected: tally.expected } as const;
    return done(await room.stocktakes.submit(id, start, sender)).position;
  }
  if (status !== 'completing' && status !== 'cancelling') return START;
  const ended = status === 'completing' ? 'completed' : 'cancelled';
  await onEverySheet(room, { id, sheets }, sender, () => ({ type: 'close', id: `stocktake:${id}:close`, ended }));
  return done(await room.stocktakes.submit(id, { type: 'end', id: `stocktake:${id}:end` }, sender)).position;
}

function divided(skus: readonly string[], sheets: number): readonly (readonly string[])[] {
  const on = Array.from({ length: sheets }, (): string[] => []);
  for (const sku of skus) on[sheetOf(sku, sheets)]!.push(sku);
  return on;
}

async function onEverySheet(
  room: Pick<CountsRoom, 'sheets'>,
  { id, sheets: count }: Pick<Stocktake, 'id' | 'sheets'>,
  sender: Sender,
  commandFor: (number: number) => SheetCommand,
): Promise<Tally> {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const answers = await Promise.all(numbers.map((n) => room.sheets.submit(sheetId(id, n), commandFor(n), sender)));
  return answers.reduce((sum, answer) => addTallies(sum, tallyOf(done(answer).state)), NO_TALLY);
}

/** @throws Error for a command that was not taken: the step is to be tried again */
function done<S, R extends string>(
  answer: WorkflowAnswer<S, R>,
): Extract<WorkflowAnswer<S, R>, { outcome: 'accepted' }> {
  if (answer.outcome !== 'accepted') throw new Error(`${answer.reason}: ${answer.detail}`);
  return answer;
}

/** With what our stock knows of the lines it counts. */
async function sheetCommand(
  room: CountsRoom,
  { location }: Stocktake,
  command: LinesCommand,
  { source }: Sender,
): Promise<LinesOnSheets> {
  switch (command.type) {
    case 'count': {
      const counted = command.lines.map(async ({ quantity, ...line }) => ({
        ...line,
        counted: quantity,
        ...(await expectedAt(room, line.sku, location, line.countedAt)),
      }));
      return { type: 'count', id: command.id, lines: await Promise.all(counted) };
    }
    case 'zero': {
      const { skus, countedAt, reason } = command;
      const line = { counted: 0, countedAt, zero: true, ...(reason !== undefined && { reason }) } as const;
      const counted = skus.map(async (sku) => ({
        sku,
        ...line,
        ...(await expectedAt(room, sku, location, countedAt)),
      }));
      return { type: 'count', id: command.id, lines: await Promise.all(counted) };
    }
    case 'explain':
      return command;
    default:
      return { ...command, by: source };
  }
}

type Ending = Extract<StocktakeCommand, { type: 'complete' | 'cancel' }>;

async function endCommand(
  { sheets }: CountsRoom,
  { id, sheets: count }: Stocktake,
  command: EndCommand,
): Promise<Ending> {
  if (command.type === 'cancel') return command;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const states = await Promise.all(numbers.map((number) => sheets.state(sheetId(id, number))));
  const { statuses } = states.reduce(
    (sum, one) => (one === undefined ? sum : addTallies(sum, tallyOf(one.state))),
    NO_TALLY,
  );
  return {
    type: 'complete',
    id: command.id,
    leaveUncounted: command.uncounted === 'leave',
    waiting: statuses.waiting,
    uncounted: statuses.uncounted + statuses.recount,
  };
}
