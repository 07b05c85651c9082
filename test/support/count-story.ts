// Given / when / then for a sheet of a stocktake: commands are decided one after another, events folded with their frame.
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { type Line, newSheet, type Sheet } from '../../domain/count/sheet.ts';
import { decideSheet, type LineToCount, type SheetCommand } from '../../domain/count/sheet-decide.ts';
import { evolveSheet, type SheetEvent } from '../../domain/count/sheet-events.ts';
import { sheetWorkflow } from '../../domain/count/sheet-workflow.ts';
import { NOON } from './actors.ts';

export function countPolicy(changes: Partial<PolicyDocumentJson> = {}) {
  return compilePolicy(PolicyDocument.parse({ version: 'test', locations: [{ id: 'store-1' }], ...changes }));
}

type Fields = Partial<LineToCount> & { readonly sku: string };

/** A line of 10 units counted at noon where 10 were expected, with whatever is said otherwise. */
export function counted(fields: Fields): LineToCount {
  return { counted: 10, countedAt: NOON, expected: 10, revision: 4, ...fields };
}

export function sheetStory(skus: readonly string[], options: { readonly takesOthers?: boolean } = {}) {
  const policy = countPolicy();
  let sheet: Sheet = newSheet('s~0');
  let number = 0;
  const story = {
    now: NOON + 1_000,
    events: [] as SheetEvent[],
    sheet: () => sheet,
    line: (sku: string): Line | undefined => sheet.lines.get(sku),
    status: (sku: string) => sheet.lines.get(sku)?.status,
    send(command: SheetCommand, source = 'anna'): string {
      const decision = decideSheet(sheet, command, { now: story.now, policy });
      if (decision.outcome === 'refused') return decision.reason;
      for (const event of decision.events) {
        sheet = evolveSheet(sheet, event, { commandId: command.id, source });
        story.events.push(event);
      }
      return 'accepted';
    },
    count(lines: readonly Fields[], source = 'anna'): string {
      number += 1;
      return story.send({ type: 'count', id: `count-${number}`, lines: lines.map(counted) }, source);
    },
    settle(type: 'approve' | 'reject' | 'recount', of: readonly string[], by: string): string {
      number += 1;
      return story.send({ type, id: `${type}-${number}`, skus: of, by }, by);
    },
    owed: () => sheetWorkflow.owed(sheet),
    /** The stock answers all that is owed. */
    answer(outcome: 'accepted' | 'parked' = 'accepted'): void {
      const answers = story.owed().map((command) => ({ command, answer: { outcome, revision: 1 } }));
      if (answers.length > 0) story.send(sheetWorkflow.record(sheet, answers), 'evenstock');
    },
  };
  const { takesOthers = false } = options;
  story.send({ type: 'open', id: 'open', location: 'store-1', takesOthers, skus }, 'evenstock');
  return story;
}
