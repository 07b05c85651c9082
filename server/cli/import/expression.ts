// Computes one field of a command from a row. A fault names the column, because a field without it helps nobody
// who has the file open.

import { localTimeParser } from './local-time.ts';
import type { Condition, Expression } from './mapping.ts';
import type { Cells } from './row.ts';

/** Where a row stands: its place in its group and in the file, from 1. */
export interface Place {
  readonly line: number;
  readonly row: number;
}

export type Value =
  | { readonly value: string | number | undefined }
  | { readonly column: string | undefined; readonly fault: string };
export type Evaluate = (cells: Cells, place: Place) => Value;

type Cased = { readonly case?: 'upper' | 'lower' | undefined; readonly slug?: true | undefined };
type FromColumn = Extract<Expression, { column: string }>;

const PLACES = ['line', 'row'] as const;
const PLACEHOLDER = /\{([^{}]+)\}/g;

export function compileExpression(expression: Expression): Evaluate {
  if (typeof expression !== 'object') {
    const fixed = { value: expression };
    return () => fixed;
  }
  return 'column' in expression ? fromColumn(expression) : fromTemplate(expression.template, expression);
}

/** Columns an expression reads. */
export function columnsOf(expression: Expression): readonly string[] {
  if (typeof expression !== 'object') return [];
  if ('column' in expression) return [expression.column];
  return placeholdersOf(expression.template).filter((name) => !isPlace(name));
}

/** Whether it uses {line} or {row}. */
export function placesOf(expression: Expression): readonly (typeof PLACES)[number][] {
  if (typeof expression !== 'object' || 'column' in expression) return [];
  return placeholdersOf(expression.template).filter(isPlace);
}

function placeholdersOf(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name]) => name!);
}

function isPlace(name: string): name is (typeof PLACES)[number] {
  return (PLACES as readonly string[]).includes(name);
}

function fromTemplate(template: string, cased: Cased): Evaluate {
  return (cells, place) => {
    let empty: string | undefined;
    const text = template.replace(PLACEHOLDER, (_, name: string) => {
      const part = isPlace(name) ? String(place[name]) : (cells[name] ?? '');
      if (part === '') empty ??= name;
      return part;
    });
    return empty === undefined ? { value: shaped(text, cased) } : { column: empty, fault: 'is empty' };
  };
}

function fromColumn(expression: FromColumn): Evaluate {
  const { column, table, number, time, whenEmpty } = expression;
  const parseTime = time === undefined ? undefined : localTimeParser(time);
  const meanings = table === undefined ? undefined : new Map(Object.entries(table));
  return (cells) => {
    const cell = cells[column] ?? '';
    if (cell === '') return whenEmpty === 'omit' ? { value: undefined } : { column, fault: 'is empty' };
    if (cell.includes('\ufffd')) return { column, fault: 'has bytes that are not text: set csv.encoding' };
    let text: string | number = withCase(cell, expression.case);
    if (meanings !== undefined) {
      const meaning = meanings.get(text);
      if (meaning === undefined) return { column, fault: `has ${quoted(text)}, which the table does not list` };
      text = meaning;
    }
    if (typeof text === 'number') return { value: text };
    if (expression.slug) text = slugOf(text);
    if (parseTime !== undefined) {
      const parsed = parseTime(text);
      return 'at' in parsed
        ? { value: new Date(parsed.at).toISOString() }
        : { column, fault: `${quoted(text)} ${parsed.error}` };
    }
    if (number === undefined) return { value: text };
    const units = wholeNumber(text);
    if (units === undefined) return { column, fault: `has ${quoted(text)}, which is not a whole number` };
    return { value: number === 'as-is' ? units : number === 'negated' ? 0 - units : Math.abs(units) };
  };
}

/** Whether a row meets a condition; a fault when it cannot be said. */
export function compileCondition(condition: Condition): (cells: Cells) => boolean | { readonly fault: string } {
  const { column, is, startsWith, below, above, empty } = condition;
  const wanted = condition.not !== true;
  const listed = condition.in === undefined ? undefined : new Set(condition.in);
  return (cells) => {
    const text = withCase(cells[column] ?? '', condition.case);
    if (is !== undefined) return (text === is) === wanted;
    if (listed !== undefined) return listed.has(text) === wanted;
    if (startsWith !== undefined) return text.startsWith(startsWith) === wanted;
    if (empty !== undefined) return ((text === '') === empty) === wanted;
    const number = wholeNumber(text);
    if (number === undefined) return { fault: `has ${quoted(text)}, which is not a whole number` };
    return (below === undefined ? number > above! : number < below) === wanted;
  };
}

function shaped(text: string, { case: to, slug }: Cased): string {
  const cased = withCase(text, to);
  return slug ? slugOf(cased) : cased;
}

function withCase(text: string, to: 'upper' | 'lower' | undefined): string {
  if (to === undefined) return text;
  return to === 'upper' ? text.toUpperCase() : text.toLowerCase();
}

/** Lower case ASCII letters and digits, everything else between them a hyphen; accents are dropped. */
function slugOf(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

/** `12`, `-12`, `+12`, and `12.0` as spreadsheets write it. */
function wholeNumber(text: string): number | undefined {
  return /^[+-]?\d{1,15}(\.0{1,6})?$/.test(text) ? Number(text) : undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
