// What happened on one sheet, as it is kept for ever, and the fold. Every event carries the tally after it, so that a
// projection never repeats the fold to know how far a stocktake has come.
import { including } from '../sorted-map.ts';
import type { LocationId, Sku } from '../stock/stream.ts';
import type { Upcasters } from '../versioned-event.ts';
import type { WorkflowFrame } from '../workflow.ts';
import type { VarianceReason } from './commands.ts';
import { type LineHappening, lineAfter } from './machine.ts';
import type { Count, Line, Sheet, Tally } from './sheet.ts';

export const SHEET_EVENT_VERSION = 1;
export const SHEET_UPCASTERS: Upcasters = new Map();

/** Who counted it and by which command stands in the frame of the event. */
export interface CountedLine extends Omit<Count, 'counter' | 'commandId'> {
  readonly sku: Sku;
  /** Further from what was expected than policy lets pass. */
  readonly waits: boolean;
}

export type SheetHappening =
  | {
      readonly type: 'SheetOpened';
      readonly location: LocationId;
      readonly takesOthers: boolean;
      readonly skus: readonly Sku[];
    }
  | { readonly type: 'LinesCounted'; readonly counts: readonly CountedLine[] }
  | { readonly type: 'LinesApproved'; readonly skus: readonly Sku[]; readonly reason?: VarianceReason }
  | { readonly type: 'LinesRejected'; readonly skus: readonly Sku[] }
  | { readonly type: 'LinesRecountAsked'; readonly skus: readonly Sku[] }
  | { readonly type: 'LinesExplained'; readonly skus: readonly Sku[]; readonly reason: VarianceReason }
  | {
      readonly type: 'CountsRecorded';
      readonly answers: readonly {
        readonly sku: Sku;
        readonly number: number;
        readonly outcome: 'recorded' | 'parked';
      }[];
    }
  | { readonly type: 'SheetClosed'; readonly ended: 'completed' | 'cancelled' };

/** As it is stored. */
export type SheetEvent = SheetHappening & { readonly tally: Tally };

const TYPES: Readonly<Record<SheetHappening['type'], true>> = {
  SheetOpened: true,
  LinesCounted: true,
  LinesApproved: true,
  LinesRejected: true,
  LinesRecountAsked: true,
  LinesExplained: true,
  CountsRecorded: true,
  SheetClosed: true,
};
export const SHEET_EVENT_TYPES: ReadonlySet<string> = new Set(Object.keys(TYPES));

const HAPPENINGS = {
  LinesApproved: 'approved',
  LinesRejected: 'rejected',
  LinesRecountAsked: 'recountAsked',
} as const satisfies Record<string, LineHappening>;

/** Who said so, and with which command. */
export type Said = Pick<WorkflowFrame, 'commandId' | 'source'>;

/** Pure and total over every sheet event ever written. */
export function evolveSheet(sheet: Sheet, event: SheetHappening, { commandId, source }: Said): Sheet {
  switch (event.type) {
    case 'SheetOpened': {
      const { location, takesOthers, skus } = event;
      const opened = (lines: Sheet['lines'], sku: Sku) =>
        including(lines, sku, { sku, status: 'uncounted', known: true });
      const lines = skus.reduce(opened, sheet.lines);
      return { ...sheet, isOpen: true, location, takesOthers, lines };
    }
    case 'LinesCounted': {
      const numbered = event.counts.reduce((most, { number }) => Math.max(most, number), sheet.numbered);
      const said = { commandId, counter: source };
      return { ...changed(sheet, event.counts, (line, count) => counted(line, count, said)), numbered };
    }
    case 'LinesApproved':
    case 'LinesRejected':
    case 'LinesRecountAsked': {
      const reason = event.type === 'LinesApproved' ? event.reason : undefined;
      return changed(sheet, bySku(event.skus), (line) => {
        const moved = { ...line, status: lineAfter(line.status, HAPPENINGS[event.type]) ?? line.status };
        return { ...(reason === undefined ? moved : explained(moved, reason)), decided: { by: source, commandId } };
      });
    }
    case 'LinesExplained':
      return changed(sheet, bySku(event.skus), (line) => explained(line, event.reason));
    case 'CountsRecorded':
      return changed(sheet, event.answers, (line, { number, outcome }) =>
        line.count?.number === number ? { ...line, status: lineAfter(line.status, outcome) ?? line.status } : line,
      );
    case 'SheetClosed': {
      const ended = { ...sheet, ended: event.ended };
      if (event.ended === 'completed') return ended;
      const lines = sheet.lines.mapValues((line) => {
        const status = lineAfter(line.status, 'stocktakeCancelled');
        return status === undefined ? line : { ...line, status };
      });
      return { ...ended, lines };
    }
  }
}

function bySku(skus: readonly Sku[]): readonly { readonly sku: Sku }[] {
  return skus.map((sku) => ({ sku }));
}

function changed<C extends { readonly sku: Sku }>(
  sheet: Sheet,
  changes: readonly C[],
  how: (line: Line, change: C) => Line,
): Sheet {
  const lines = changes.reduce((before, change) => {
    const { sku } = change;
    return including(before, sku, how(before.get(sku) ?? { sku, status: 'uncounted', known: false }, change));
  }, sheet.lines);
  return { ...sheet, lines };
}

function counted(
  { sku, status, known }: Line,
  { sku: _, waits, ...count }: CountedLine,
  said: Pick<Count, 'counter' | 'commandId'>,
): Line {
  const after = lineAfter(status, waits ? 'countedAboveThreshold' : 'counted') ?? status;
  return { sku, known, count: { ...count, ...said }, status: after };
}

function explained(line: Line, reason: VarianceReason): Line {
  return line.count === undefined ? line : { ...line, count: { ...line.count, reason } };
}
