// Judges one command against a sheet. Each of its lines is judged for itself: those that can be taken are, and the command
// is refused only if none can, with the reason of the first. Pure, never throws.
import type { Policy } from '../channel/policy.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';
import type { WorkflowDecision } from '../workflow.ts';
import type { LineRefusal, VarianceReason } from './commands.ts';
import { lineAfter } from './machine.ts';
import { needsApproval } from './policy.ts';
import { type Count, type Line, type Sheet, tallyOf } from './sheet.ts';
import { type CountedLine, evolveSheet, type SheetEvent, type SheetHappening } from './sheet-events.ts';

/** A counted line with what our stock knew of it, before it has a number. */
export type LineToCount = Omit<Count, 'number' | 'counter' | 'commandId'> & { readonly sku: Sku };

export type SheetCommand =
  | {
      readonly type: 'open';
      readonly id: string;
      readonly location: LocationId;
      readonly takesOthers: boolean;
      readonly skus: readonly Sku[];
    }
  | { readonly type: 'count'; readonly id: string; readonly lines: readonly LineToCount[] }
  | {
      readonly type: 'approve' | 'reject' | 'recount';
      readonly id: string;
      readonly skus: readonly Sku[];
      readonly by: string;
      readonly reason?: VarianceReason | undefined;
    }
  | { readonly type: 'explain'; readonly id: string; readonly skus: readonly Sku[]; readonly reason: VarianceReason }
  | {
      readonly type: 'record';
      readonly id: string;
      readonly answers: readonly { readonly number: number; readonly outcome: 'recorded' | 'parked' }[];
    }
  | { readonly type: 'close'; readonly id: string; readonly ended: 'completed' | 'cancelled' };

/** Those with lines. */
export type LinesCommand = Exclude<SheetCommand, { readonly type: 'open' | 'record' | 'close' }>;

export function skusOf(command: LinesCommand): readonly Sku[] {
  return command.type === 'count' ? command.lines.map(({ sku }) => sku) : command.skus;
}

type SheetDecision = WorkflowDecision<SheetEvent, LineRefusal>;
type Of<T extends SheetCommand['type']> = Extract<SheetCommand, { type: T }>;

export interface NoLine {
  readonly reason: LineRefusal;
  /** For people. */
  readonly detail: string;
}

interface SheetContext {
  readonly now: Instant;
  readonly policy: Policy;
}

export function decideSheet(sheet: Sheet, command: SheetCommand, context: SheetContext): SheetDecision {
  switch (command.type) {
    case 'open': {
      const { location, takesOthers, skus } = command;
      if (sheet.isOpen) return NOTHING_TO_SAY;
      return happened(sheet, command, { type: 'SheetOpened', location, takesOthers, skus });
    }
    case 'count':
      return count(sheet, command, context);
    case 'approve':
    case 'reject':
    case 'recount':
      return settle(sheet, command, context);
    case 'explain': {
      const { reason } = command;
      return forThose(sheet, command, notCounted, (skus) => ({ type: 'LinesExplained', skus, reason }));
    }
    case 'record':
      return record(sheet, command);
    case 'close':
      if (sheet.ended !== undefined) return NOTHING_TO_SAY;
      return happened(sheet, command, { type: 'SheetClosed', ended: command.ended });
  }
}
/** It has been said, by another process perhaps. */
const NOTHING_TO_SAY: SheetDecision = { outcome: 'accepted', events: [] };

function count(sheet: Sheet, command: Of<'count'>, context: SheetContext): SheetDecision {
  const { counts: limits } = context.policy.document;
  const counts: CountedLine[] = [];
  let first: NoLine | undefined;
  for (const line of command.lines) {
    const no = whyNotCount(sheet, line, context);
    first ??= no;
    if (no !== undefined) continue;
    const waits = line.zero === true ? line.expected !== 0 : needsApproval(limits, line.expected, line.counted);
    counts.push({ ...line, number: sheet.numbered + counts.length + 1, waits });
  }
  if (counts.length === 0 && first !== undefined) return { outcome: 'refused', ...first };
  return happened(sheet, command, { type: 'LinesCounted', counts });
}

/** Why this line cannot be counted now; undefined: it can. */
export function whyNotCount(
  { id, isOpen, ended, location, lines, takesOthers }: Sheet,
  { sku, countedAt }: Pick<LineToCount, 'sku' | 'countedAt'>,
  { now, policy }: SheetContext,
): NoLine | undefined {
  if (ended !== undefined) return no('not-counting', `the stocktake of sheet ${id} is ${ended}`);
  if (!isOpen) return no('not-counting', `sheet ${id} is not open`);
  if (!policy.knowsSku(sku)) return no('unknown-sku', `the policy has no SKU ${sku}`);
  if (policy.bundles.of(sku) !== undefined) {
    return no('bundle-has-no-stock', `${sku} is a bundle and holds no stock of its own: count its components`);
  }
  const line = lines.get(sku);
  if (line === undefined && !takesOthers) return no('sku-not-in-stocktake', `${sku} is not counted in this stocktake`);
  if (line !== undefined && lineAfter(line.status, 'counted') === undefined) {
    return no('already-counted', `${sku} has been counted: it is ${line.status}; ask for a recount to count it again`);
  }
  const { windowMs, clockSkewMsMax } = policy.stockPolicy(sku, location);
  if (countedAt > now + clockSkewMsMax) return no('fence-in-future', `${sku} is said to be counted in the future`);
  if (countedAt < now - windowMs) return no('fence-too-old', `${sku} was counted longer ago than facts may be late`);
  const last = line?.count?.countedAt;
  if (last !== undefined && countedAt <= last) {
    return no('fence-not-later', `${sku} must be counted again after ${new Date(last).toISOString()}`);
  }
  return undefined;
}

type Settling = Of<'approve' | 'reject' | 'recount'>;
const HAPPENINGS = { approve: 'approved', reject: 'rejected', recount: 'recountAsked' } as const;

function settle(sheet: Sheet, command: Settling, context: SheetContext): SheetDecision {
  const { reason } = command;
  return forThose(
    sheet,
    command,
    (line) => whyNotSettle(sheet, line, command, context),
    (skus) => {
      switch (command.type) {
        case 'approve':
          return { type: 'LinesApproved', skus, ...(reason === undefined ? undefined : { reason }) };
        case 'reject':
          return { type: 'LinesRejected', skus };
        case 'recount':
          return { type: 'LinesRecountAsked', skus };
      }
    },
  );
}

function whyNotSettle(
  sheet: Sheet,
  { sku, status, count: counted }: Line,
  { type, by }: Pick<Settling, 'type' | 'by'>,
  { now, policy }: SheetContext,
): NoLine | undefined {
  if (type === 'recount' && sheet.ended !== undefined) {
    return no('not-counting', `the stocktake of sheet ${sheet.id} is ${sheet.ended}`);
  }
  if (counted === undefined) return no('not-counted', `${sku} has not been counted`);
  if (lineAfter(status, HAPPENINGS[type]) === undefined) {
    return no('not-waiting', `the count of ${sku} is ${status} and does not wait for that`);
  }
  if (counted.counter === by) return no('four-eyes', `${by} counted ${sku}: somebody else must decide about it`);
  if (type === 'approve' && counted.countedAt < now - policy.stockPolicy(sku, sheet.location).windowMs) {
    return no('fence-too-old', `${sku} was counted longer ago than facts may be late: it must be counted again`);
  }
  return undefined;
}

function notCounted({ sku, count: counted }: Line): NoLine | undefined {
  return counted === undefined ? no('not-counted', `${sku} has not been counted`) : undefined;
}

function forThose(
  sheet: Sheet,
  command: Settling | Of<'explain'>,
  whyNot: (line: Line) => NoLine | undefined,
  happening: (skus: readonly Sku[]) => SheetHappening,
): SheetDecision {
  const taken: Sku[] = [];
  let first: NoLine | undefined;
  for (const sku of command.skus) {
    const why = whyNot(lineOf(sheet, sku));
    first ??= why;
    if (why === undefined) taken.push(sku);
  }
  if (taken.length === 0 && first !== undefined) return { outcome: 'refused', ...first };
  return happened(sheet, command, happening(taken));
}

function lineOf({ lines }: Sheet, sku: Sku): Line {
  return lines.get(sku) ?? { sku, status: 'uncounted', known: false };
}

/** What became of one line of a command, by the sheet after it: undefined: it was taken, now or when it first came. */
export function whyNotTaken(sheet: Sheet, command: LinesCommand, sku: Sku, context: SheetContext): NoLine | undefined {
  const line = lineOf(sheet, sku);
  switch (command.type) {
    case 'count': {
      const asked = command.lines.find((one) => one.sku === sku)!;
      return line.count?.commandId === command.id ? undefined : whyNotCount(sheet, asked, context);
    }
    case 'explain':
      return notCounted(line);
    default:
      return line.decided?.commandId === command.id ? undefined : whyNotSettle(sheet, line, command, context);
  }
}

/** Answers that another process has recorded are left out. */
function record(sheet: Sheet, command: Of<'record'>): SheetDecision {
  const applying = new Map<number, Sku>();
  for (const { sku, status, count: counted } of sheet.lines.values()) {
    if (status === 'applying' && counted !== undefined) applying.set(counted.number, sku);
  }
  const fresh = command.answers.flatMap(({ number, outcome }) => {
    const sku = applying.get(number);
    return sku === undefined ? [] : { sku, number, outcome };
  });
  return fresh.length === 0 ? NOTHING_TO_SAY : happened(sheet, command, { type: 'CountsRecorded', answers: fresh });
}

function no(reason: LineRefusal, detail: string): NoLine {
  return { reason, detail };
}

function happened(sheet: Sheet, command: SheetCommand, happening: SheetHappening): SheetDecision {
  // The tally does not say by whom.
  const after = evolveSheet(sheet, happening, { commandId: command.id, source: '' });
  return { outcome: 'accepted', events: [{ ...happening, tally: tallyOf(after) }] };
}
