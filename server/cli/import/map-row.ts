// A mapping made ready to run: one row in, one command out, or why it is left out, or what is wrong with it.
// Checked against the file's columns before the first row, so a misspelt column is one message and not a million.
import { StockCommand, type StockCommandJson } from '../../../domain/stock/commands.ts';
import { columnsOf, compileCondition, compileExpression, type Evaluate, type Place, placesOf } from './expression.ts';
import {
  type CommandField,
  type Condition,
  type Expression,
  type Fields,
  ImportError,
  type Mapping,
} from './mapping.ts';
import type { Cells, Row } from './row.ts';

/** What is wrong with a line: the rule and the column when they are known, and the field of the command. */
export interface Invalid {
  readonly detail: string;
  readonly rule?: string | undefined;
  readonly column?: string | undefined;
  readonly field?: string | undefined;
}

export type Mapped =
  | { readonly command: StockCommandJson }
  | { readonly skipped: string }
  | { readonly invalid: Invalid };

export type MapRow = (row: Row, place: Place) => Mapped;

interface CompiledField {
  readonly field: CommandField;
  readonly evaluate: Evaluate;
  readonly expression: Expression;
}
interface CompiledRule {
  readonly name: string;
  readonly when: Test;
  readonly fields: readonly CompiledField[];
}
type Test = (cells: Cells) => boolean | { readonly column: string; readonly fault: string };

/**
 * @param columns of the file; undefined for NDJSON, where a row may lack any
 * @throws ImportError when the file lacks a column that the mapping names
 */
export function compileMapping(mapping: Mapping, columns: readonly string[] | undefined): MapRow {
  checkColumns(mapping, columns);
  const always = compileFields(mapping.fields);
  const skips = mapping.skip.map(({ reason, when }) => ({ reason, when: compileTest(when) }));
  const rules: CompiledRule[] = mapping.rules.map(({ name, when, fields }) => ({
    name,
    when: compileTest(when ?? []),
    fields: [...always, ...compileFields(fields)],
  }));
  if (rules.length === 0) rules.push({ name: 'fields', when: () => true, fields: always });

  return ({ cells }, place) => {
    for (const { reason, when } of skips) {
      const holds = when(cells);
      if (holds === true) return { skipped: reason };
      if (holds !== false) return invalid(`skip: ${reason}`, holds);
    }
    for (const rule of rules) {
      const holds = rule.when(cells);
      if (holds === true) return commandOf(rule, cells, place);
      if (holds !== false) return invalid(rule.name, holds);
    }
    return { invalid: { detail: 'no rule of the mapping fits this row' } };
  };
}

/** A line that is a command already. */
export function commandAsItIs(value: unknown): Mapped {
  const parsed = StockCommand.safeParse(value);
  if (parsed.success) return { command: value as StockCommandJson };
  const { path, message } = parsed.error.issues[0]!;
  const field = path.join('.');
  return { invalid: { detail: field === '' ? message : `${field} ${message}`, field } };
}

function commandOf(rule: CompiledRule, cells: Cells, place: Place): Mapped {
  const command: Record<string, unknown> = {};
  const source: Record<string, unknown> = {};
  for (const { field, evaluate } of rule.fields) {
    const value = evaluate(cells, place);
    if ('fault' in value) return invalid(rule.name, value, field);
    if (value.value === undefined) continue;
    if (field === 'source') source['id'] = value.value;
    else if (field === 'sequence') source['sequence'] = value.value;
    else command[field] = value.value;
  }
  if ('id' in source || 'sequence' in source) command['source'] = source;
  const parsed = StockCommand.safeParse(command);
  if (parsed.success) return { command: command as StockCommandJson };
  const issue = parsed.error.issues[0]!;
  const field = String(issue.path[0] ?? 'type');
  const compiled = rule.fields.find((entry) => entry.field === field);
  const [column] = compiled === undefined ? [] : columnsOf(compiled.expression);
  const keys = 'keys' in issue ? ` (${issue.keys.join(', ')})` : '';
  const shown = field in command ? ` ${JSON.stringify(command[field]).slice(0, 80)}` : '';
  return { invalid: { rule: rule.name, column, field, detail: `${field}${shown}: ${issue.message}${keys}` } };
}

function invalid(
  rule: string,
  { column, fault }: { readonly column: string | undefined; readonly fault: string },
  field?: CommandField,
): Mapped {
  return { invalid: { rule, column, field, detail: `column ${column ?? ''} ${fault}` } };
}

function compileFields(fields: Fields): CompiledField[] {
  return entriesOf(fields).map(([field, expression]) => ({
    field,
    expression,
    evaluate: compileExpression(expression),
  }));
}

function compileTest(conditions: readonly Condition[]): Test {
  const tests = conditions.map((condition) => ({ column: condition.column, meets: compileCondition(condition) }));
  return (cells) => {
    for (const { column, meets } of tests) {
      const met = meets(cells);
      if (met === false) return false;
      if (met !== true) return { column, fault: met.fault };
    }
    return true;
  };
}

function checkColumns(mapping: Mapping, columns: readonly string[] | undefined): void {
  const expressions = [mapping.fields, ...mapping.rules.map((rule) => rule.fields)]
    .flatMap(entriesOf)
    .map(([, expression]) => expression);
  const places = new Set(expressions.flatMap(placesOf));
  if (mapping.group === undefined && places.has('line')) {
    throw new ImportError('A template has {line}: say with "group" which rows are numbered together');
  }
  if (columns === undefined) return;
  const conditions = [...mapping.skip, ...mapping.rules].flatMap(({ when }) => when ?? []);
  const named = [
    ...(mapping.group ?? []),
    ...expressions.flatMap(columnsOf),
    ...conditions.map(({ column }) => column),
  ];
  const missing = [...new Set(named)].filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new ImportError(`The file has no column ${missing.join(', ')}; it has: ${columns.join(', ')}`);
  }
  const ambiguous = columns.find((column) => (places as ReadonlySet<string>).has(column));
  if (ambiguous !== undefined) {
    throw new ImportError(`The file has a column named ${ambiguous}, which a template cannot tell from {${ambiguous}}`);
  }
}

function entriesOf(fields: Fields): [CommandField, Expression][] {
  return Object.entries(fields) as [CommandField, Expression][];
}

/** Most groups whose rows are numbered; about 100 bytes each. */
const GROUPS_MAX = 5_000_000;

/** Numbers the rows of each group and of the file. A resumed import counts the rows it passes over, too. */
export function createPlaces(group: readonly string[] | undefined): (cells: Cells) => Place {
  const counts = new Map<string, number>();
  let row = 0;
  return (cells) => {
    row += 1;
    if (group === undefined) return { line: 0, row };
    const key =
      group.length === 1 ? (cells[group[0]!] ?? '') : JSON.stringify(group.map((column) => cells[column] ?? ''));
    const line = (counts.get(key) ?? 0) + 1;
    if (line === 1 && counts.size >= GROUPS_MAX) {
      throw new ImportError(`More than ${GROUPS_MAX} groups: divide the file`);
    }
    counts.set(key, line);
    return { line, row };
  };
}
