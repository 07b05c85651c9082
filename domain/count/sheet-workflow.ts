// Sheets as a workflow: the stream `stocktake-<id>~<number>`, its decider, and the counts it owes the stocks.
import type { StockCommand } from '../stock/commands.ts';
import type { Answered, Workflow } from '../workflow.ts';
import type { LineRefusal } from './commands.ts';
import { newSheet, type Sheet } from './sheet.ts';
import { decideSheet, type SheetCommand } from './sheet-decide.ts';
import {
  evolveSheet,
  SHEET_EVENT_TYPES,
  SHEET_EVENT_VERSION,
  SHEET_UPCASTERS,
  type SheetEvent,
} from './sheet-events.ts';
import { parseSheetId } from './sheet-of.ts';
import { STOCKTAKE_CATEGORY } from './stocktake.ts';

/** Asked of stocks at once. */
const OWED_MAX = 500;

export const sheetWorkflow: Workflow<Sheet, SheetCommand, SheetEvent, LineRefusal> = {
  category: STOCKTAKE_CATEGORY,
  version: SHEET_EVENT_VERSION,
  types: SHEET_EVENT_TYPES,
  upcasters: SHEET_UPCASTERS,
  initial: newSheet,
  decide: (sheet, command, { now, policy }) => decideSheet(sheet, command, { now, policy }),
  evolve: (sheet, event) => evolveSheet(sheet, event, event),
  owed,
  record(sheet, answers) {
    const said = answers.map(({ command, answer }: Answered) => ({
      number: countNumber(command.id),
      // A fact is never refused.
      outcome: answer.outcome === 'accepted' ? ('recorded' as const) : ('parked' as const),
    }));
    return { type: 'record', id: `${countId(sheet.id, said[0]!.number)}+${said.length}:answered`, answers: said };
  },
};

function owed({ id, location, lines }: Sheet): readonly StockCommand[] {
  const commands: StockCommand[] = [];
  const stocktakeId = parseSheetId(id)?.stocktakeId ?? id;
  for (const { sku, status, count } of lines.values()) {
    if (status !== 'applying' || count === undefined) continue;
    const { number, counted, countedAt, reason, counter, commandId } = count;
    commands.push({
      type: 'count',
      id: countId(id, number),
      sku,
      location,
      counted,
      occurredAt: countedAt,
      reason: reason === undefined ? `stocktake ${stocktakeId}` : `stocktake ${stocktakeId}: ${reason}`,
      // Whoever counted it is the source, not whoever passes it on.
      source: { id: counter },
      correlationId: `stocktake:${stocktakeId}`,
      causationId: commandId,
    });
    if (commands.length === OWED_MAX) break;
  }
  return commands;
}

/** The id of the count that a stock is sent. No stocktake id has a colon in it, so this is one line's. */
export function countId(sheet: string, number: number): string {
  return `stocktake:${sheet}:${number}`;
}

function countNumber(id: string): number {
  return Number(id.slice(id.lastIndexOf(':') + 1));
}
