// Does what was planned about each difference, by pages, and writes down what came of it. Each act is harmless when it is
// repeated (a figure told again, a count under a derived id, a case under one key), so it comes first and its record after:
// a crash in between repeats a page at most.

import type { CaseSink, Cause } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';
import {
  DIFFERENCES_PER_EVENT,
  type FoundDifference,
  type MadeCorrection,
  reconciliationStream,
} from '../../domain/reconciliation/events.ts';
import type { Run } from '../../domain/reconciliation/run.ts';
import { type Subject, subjectKey, subjectText } from '../../domain/reconciliation/subject.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { type Clock, MINUTE } from '../../domain/time.ts';
import type { StockActors } from '../actors/answer.ts';
import type { RunRecord } from './run-record.ts';

export interface CorrectingRoom {
  readonly stocks: Pick<StockActors, 'submit'>;
  readonly republish: (channel: string, sku: string) => boolean;
  readonly isInFlight: (channel: string, sku: string) => boolean;
  readonly cases: CaseSink;
  readonly clock: Clock;
  readonly giveWay: () => Promise<void>;
}

const SELF = 'evenstock';
/** Of one run. The rest is one case for all: nobody works through a thousand of them. */
export const CASES_MAX = 500;

/** @param differences those that are planned and not made yet @param casesBefore cases that the run has made already */
export async function correct(
  differences: readonly FoundDifference[],
  record: RunRecord,
  room: CorrectingRoom,
  casesBefore = 0,
): Promise<void> {
  const planned = differences.filter(({ plan }) => plan !== 'none');
  let cases = casesBefore;
  let rest = 0;
  for (let from = 0; from < planned.length; from += DIFFERENCES_PER_EVENT) {
    const corrections: MadeCorrection[] = [];
    for (const difference of planned.slice(from, from + DIFFERENCES_PER_EVENT)) {
      const made = await correctOne(difference, record.run, room);
      if (made.plan === 'case' || made.outcome === 'not-possible') {
        cases += 1;
        if (cases <= CASES_MAX)
          room.cases.raise({ ...causeOf(record.run, difference, made.detail), position: record.position });
        else rest += 1;
      }
      corrections.push(made);
    }
    await record.append({ type: 'CorrectionsMade', corrections, madeAt: room.clock.now() });
    await room.giveWay();
  }
  if (rest > 0) room.cases.raise({ ...manyCauses(record.run, rest), position: record.position });
  else room.cases.cleared('drift', manyKey(record.run.subject), record.position);
}

async function correctOne(difference: FoundDifference, run: Run, room: CorrectingRoom): Promise<MadeCorrection> {
  const { sku } = difference;
  const { subject } = run;
  if (difference.plan === 'republish' && 'channel' in subject) {
    const { channel } = subject;
    const made = { sku, plan: 'republish' } as const;
    if (room.republish(channel, sku)) return { ...made, outcome: 'done' };
    // What came first is told now anyway: by the next run it agrees, or is judged anew.
    if (room.isInFlight(channel, sku)) return { ...made, outcome: 'in-flight' };
    return { ...made, outcome: 'not-possible', detail: `${channel} is not published to now` };
  }
  if (difference.plan === 'count' && 'location' in subject) {
    const made = { sku, plan: 'count' } as const;
    const answer = await room.stocks.submit({ command: countOf(difference, run.id, subject), client: SELF });
    if (answer.outcome === 'accepted') return { ...made, outcome: 'done' };
    const why = 'detail' in answer ? answer.detail : 'the statement is too old for a count';
    return { ...made, outcome: 'not-possible', detail: why.slice(0, 200) };
  }
  return { sku, plan: 'case', outcome: 'done' };
}

/** No sender's id has a space in it: nobody else can have used up this one. */
function countOf(
  { sku, reported, asOf }: FoundDifference,
  runId: string,
  { system, location }: Extract<Subject, { readonly location: string }>,
): StockCommand {
  const stream = reconciliationStream(runId);
  return {
    type: 'count',
    id: `reconcile ${runId} ${sku}`,
    ...{ sku, location, counted: reported ?? 0, occurredAt: asOf },
    ...{ source: { id: system }, causationId: stream, correlationId: stream },
    reason: `${system} is the system of record`,
  };
}

/** The same for every run that finds this difference. */
export function caseKey(subject: Subject, sku: string): string {
  return `reconciliation:${subjectKey(subject)}:${sku}`;
}

/** What only the other system knows must be mapped; everything else has drifted. */
export function caseKind({ expected, figure }: Pick<FoundDifference, 'expected' | 'figure'>): 'unmapped-sku' | 'drift' {
  return expected === undefined && figure === undefined ? 'unmapped-sku' : 'drift';
}

function causeOf({ id, subject }: Run, difference: FoundDifference, why: string | undefined): Cause {
  const { sku, units, reported, expected, attempts, ageMs } = difference;
  const corrected = attempts === 0 ? '' : `, corrected ${plural(attempts, 'time')} in vain`;
  const age = ageMs === undefined ? '' : `, for ${plural(Math.floor(ageMs / MINUTE), 'minute')}`;
  const shows = reported === undefined ? 'does not show it' : `says ${reported}`;
  return {
    kind: caseKind(difference),
    key: caseKey(subject, sku),
    subject: { sku, ...subjectFields(subject), event: reconciliationStream(id) },
    detail: `${subjectText(subject)} ${shows}, expected ${expected ?? 'nothing'}${age}: ${why ?? difference.why}${corrected}`,
    proposals:
      'channel' in subject ? ['publish the figure again', 'count the stock'] : ['count the stock', 'correct the books'],
    units: Math.abs(units),
  };
}

export function manyKey(subject: Subject): string {
  return `reconciliation:${subjectKey(subject)} many`;
}

function manyCauses({ id, subject }: Run, skus: number): Cause {
  return {
    kind: 'drift',
    key: manyKey(subject),
    subject: { ...subjectFields(subject), event: reconciliationStream(id) },
    detail: `${subjectText(subject)}: ${skus} more SKUs differ than have a case of their own; see reconciliation ${id}`,
  };
}

export function subjectFields(subject: Subject) {
  return 'channel' in subject ? { channel: subject.channel } : { location: subject.location, source: subject.system };
}
