// Runs of reconciliation in words: what was compared, how it went, what each class of difference means.
import type { z } from 'zod';
import type { ReconciliationReport, ReconciliationSummary } from '../../../../routes/openapi/reconciliation.ts';
import { count, plural } from '../../format.ts';
import type { Tone } from '../../parts/badge.ts';

export type Run = z.infer<typeof ReconciliationSummary>;
export type Report = z.infer<typeof ReconciliationReport>;
export type Difference = Report['differences'][number];
export type Class = Difference['class'];

export interface Subject {
  readonly channel?: string | undefined;
  readonly system?: string | undefined;
  readonly location?: string | undefined;
}

/** `alto`, or `books at berlin`. */
export function subjectText({ channel, system, location }: Subject): string {
  return channel ?? `${system} at ${location}`;
}

export function isOver({ state }: Pick<Run, 'state'>): boolean {
  return state === 'completed' || state === 'failed';
}

/** How it went: nobody has to look where all that differs is explained. */
export function resultOf({ state, comparison }: Run): { readonly tone: Tone; readonly text: string } {
  if (state === 'failed') return { tone: 'bad', text: 'failed' };
  if (state !== 'completed' || comparison === undefined) return { tone: 'idle', text: state };
  const { skus, different, classes } = comparison;
  if (different === 0) return { tone: 'good', text: `all ${count(skus)} equal` };
  const explained = (classes['in-flight']?.skus ?? 0) + (classes.explained?.skus ?? 0);
  if (explained === different) return { tone: 'good', text: `${plural(different, 'difference')}, all explained` };
  return { tone: 'warn', text: `${count(different)} of ${count(skus)} differ` };
}

/** In the order of how much there is to do. */
export const CLASSES: readonly (readonly [name: Class, tone: Tone, meaning: string])[] = [
  ['drift', 'bad', 'nothing explains it'],
  ['unknown-sku', 'warn', 'only one of the two knows the SKU'],
  ['stale-publish', 'warn', 'it holds an older value than it acknowledged'],
  ['missing-fact', 'warn', 'it has probably sold what it has not told yet'],
  ['explained', 'good', 'it was right then, and has changed since'],
  ['in-flight', 'good', 'an update is under way'],
];

/** What was to be done about a difference, and what came of it. */
export function correctionText({ plan, outcome, outcomeDetail }: Difference): string {
  if (plan === 'none') return 'nothing';
  const done = outcome === undefined ? 'not done yet' : outcome === 'done' ? 'done' : outcome.replace('-', ' ');
  return `${plan}: ${done}${outcomeDetail === undefined ? '' : `, ${outcomeDetail}`}`;
}

/** `+3`, `−2`. */
export function signed(units: number): string {
  return units > 0 ? `+${count(units)}` : units < 0 ? `−${count(-units)}` : '0';
}

/** Of cents; prices are known where the statement says them. */
export function money(cents: number | undefined): string {
  return cents === undefined ? '–' : (cents / 100).toLocaleString('en', { minimumFractionDigits: 2 });
}
