// One command with many lines: each line goes to the sheet of its SKU, the sheets take theirs side by side, and each line
// has its own verdict. A command that was repeated gets the verdicts of the first time.
import type { Policy } from '../../domain/channel/policy.ts';
import type { LineRefusal } from '../../domain/count/commands.ts';
import type { LineStatus } from '../../domain/count/machine.ts';
import type { Sheet } from '../../domain/count/sheet.ts';
import { type LinesCommand, type SheetCommand, skusOf, whyNotTaken } from '../../domain/count/sheet-decide.ts';
import { sheetId, sheetOf } from '../../domain/count/sheet-of.ts';
import type { Stocktake } from '../../domain/count/stocktake.ts';
import { type Position, START } from '../../domain/event-log.ts';
import type { Sku } from '../../domain/stock/stream.ts';
import type { Clock } from '../../domain/time.ts';
import type { Failed } from '../actors/answer.ts';
import type { Sender } from '../workflows/course.ts';
import type { WorkflowAnswer } from '../workflows/workflow-answer.ts';
import type { Workflows } from '../workflows/workflows.ts';

export type LineVerdict =
  | { readonly sku: Sku; readonly outcome: 'accepted'; readonly status: LineStatus }
  | { readonly sku: Sku; readonly outcome: 'refused'; readonly reason: LineRefusal; readonly detail: string }
  | ({ readonly sku: Sku } & Failed);

/** Every line has a verdict, in the order in which they were sent. */
export interface LinesJudged {
  readonly outcome: 'judged';
  /** Every sheet that took any had taken this command before. */
  readonly duplicate: boolean;
  /** Every stock has answered the counts it was sent. */
  readonly settled: boolean;
  /** At or after every event that came of it. */
  readonly position: Position;
  readonly lines: readonly LineVerdict[];
}

export interface SheetsRoom {
  readonly sheets: Workflows<Sheet, SheetCommand, LineRefusal>;
  readonly policy: () => Policy;
  readonly clock: Clock;
}

type Answer = WorkflowAnswer<Sheet, LineRefusal>;

export async function linesOnSheets(
  room: SheetsRoom,
  { id, sheets }: Stocktake,
  command: LinesCommand,
  sender: Sender,
): Promise<LinesJudged> {
  const parts = [...dividedBySheet(command, sheets)];
  const answers = await Promise.all(
    parts.map(async ([number, part]) => {
      const sheet = sheetId(id, number);
      const answer = await room.sheets.submit(sheet, part, sender);
      return { answer, verdicts: await verdicts(room, sheet, part, answer) };
    }),
  );
  const bySku = new Map(answers.flatMap(({ verdicts }) => verdicts.map((verdict) => [verdict.sku, verdict])));
  const accepted = answers.map(({ answer }) => answer).filter((answer) => answer.outcome === 'accepted');
  return {
    outcome: 'judged',
    duplicate: accepted.length > 0 && accepted.every(({ duplicate }) => duplicate),
    settled: accepted.every(({ settled }) => settled),
    position: accepted.reduce((most, { position }) => (position > most ? position : most), START),
    lines: skusOf(command).map((sku) => bySku.get(sku)!),
  };
}

function dividedBySheet(command: LinesCommand, sheets: number): ReadonlyMap<number, LinesCommand> {
  const skus = Map.groupBy(skusOf(command), (sku) => sheetOf(sku, sheets));
  if (command.type !== 'count')
    return new Map(Array.from(skus, ([number, own]) => [number, { ...command, skus: own }]));
  const lines = Map.groupBy(command.lines, ({ sku }) => sheetOf(sku, sheets));
  return new Map(Array.from(lines, ([number, own]) => [number, { ...command, lines: own }]));
}

async function verdicts(
  { sheets, policy, clock }: SheetsRoom,
  id: string,
  part: LinesCommand,
  answer: Answer,
): Promise<readonly LineVerdict[]> {
  if (answer.outcome === 'failed') return skusOf(part).map((sku) => ({ sku, ...answer }));
  const sheet = answer.outcome === 'accepted' ? answer.state : (await sheets.state(id))?.state;
  const context = { now: clock.now(), policy: policy() };
  return skusOf(part).map((sku): LineVerdict => {
    const why = sheet === undefined ? NO_SHEET : whyNotTaken(sheet, part, sku, context);
    if (why !== undefined) return { sku, outcome: 'refused', ...why };
    return { sku, outcome: 'accepted', status: sheet?.lines.get(sku)?.status ?? 'uncounted' };
  });
}
const NO_SHEET = { reason: 'not-counting', detail: 'its sheet is not open' } as const;
