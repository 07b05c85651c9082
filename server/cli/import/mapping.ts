// The column mapping file: how the rows of somebody's file become Evenstock's commands. Declarative and closed (no
// code, no regular expressions), so that it can be read by those who know the file, and checked before anything runs.
import { z } from 'zod';
import { QUANTITY_MAX } from '../../../domain/stock/commands.ts';
import { faultOfFormat, isTimeZone } from './local-time.ts';

const Column = z.string().min(1).max(200).meta({ description: 'Name of a column of the file' });
const Case = z.enum(['upper', 'lower']);
const Table = z.record(z.string().max(200), z.union([z.string().max(200), z.number()]));

const LocalTime = z
  .strictObject({
    format: z.string().min(1).max(60),
    zone: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/London'),
    repeatedHour: z.enum(['first', 'second']).optional(),
  })
  .superRefine(({ format }, context) => {
    const fault = faultOfFormat(format);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['format'], message: `the format ${fault}` });
  });

/** Text of one column, then in this order: trimmed, case, table, slug; then read as a number or a time. */
const FromColumn = z
  .strictObject({
    column: Column,
    case: Case.optional(),
    table: Table.optional().meta({ description: 'What each value means here; any other value is an error' }),
    slug: z.literal(true).optional().meta({ description: 'Channel Islands → channel-islands' }),
    number: z.enum(['as-is', 'negated', 'absolute']).optional(),
    time: LocalTime.optional().meta({ description: 'Without it a time must be RFC 3339 with an offset' }),
    whenEmpty: z.enum(['omit', 'error']).default('error'),
  })
  .refine(({ number, time }) => number === undefined || time === undefined, 'number and time exclude each other');

/** Text with {column} in it, and {line}: the row's place in its group, {row}: the row's place in the file; from 1. */
const FromTemplate = z.strictObject({
  template: z.string().min(1).max(200),
  case: Case.optional(),
  slug: z.literal(true).optional(),
});

export const Expression = z.union([z.string().max(200), z.number(), FromColumn, FromTemplate], {
  error: 'must be a fixed value, { "column": … } or { "template": … }',
});
export type Expression = z.output<typeof Expression>;

/** The command's fields; `source` and `sequence` are its `source.id` and `source.sequence`. */
export const CommandField = z.enum([
  'type',
  'id',
  'sku',
  'location',
  'occurredAt',
  'quantity',
  'counted',
  'reason',
  'channel',
  'disposition',
  'reference',
  'reservationId',
  'owner',
  'expiresAt',
  'transferId',
  'to',
  'from',
  'end',
  'source',
  'sequence',
  'correlationId',
]);
export type CommandField = z.output<typeof CommandField>;
const Fields = z.partialRecord(CommandField, Expression);
export type Fields = z.output<typeof Fields>;

const Bound = z.number().min(-QUANTITY_MAX).max(QUANTITY_MAX);
const TESTS = ['is', 'in', 'startsWith', 'below', 'above', 'empty'] as const;

export const Condition = z
  .strictObject({
    column: Column,
    case: Case.optional(),
    is: z.string().optional(),
    in: z.array(z.string()).min(1).max(10_000).optional(),
    startsWith: z.string().min(1).optional(),
    below: Bound.optional(),
    above: Bound.optional(),
    empty: z.boolean().optional(),
    not: z.literal(true).optional().meta({ description: 'Holds when the test does not' }),
  })
  .refine(
    (condition) => TESTS.filter((test) => condition[test] !== undefined).length === 1,
    `must have exactly one of ${TESTS.join(', ')}`,
  );
export type Condition = z.output<typeof Condition>;
const Conditions = z.array(Condition).min(1).max(20).meta({ description: 'All of them must hold' });

export const Mapping = z.strictObject({
  version: z.literal(1),
  csv: z
    .strictObject({
      delimiter: z.string().length(1).default(','),
      quotes: z
        .enum(['around-cells', 'literal'])
        .default('around-cells')
        .meta({ description: 'literal: a quotation mark is a character like any other (12" ruler)' }),
      encoding: z.enum(['utf-8', 'windows-1252', 'utf-16le']).default('utf-8'),
      columns: z.array(Column).min(1).optional().meta({ description: 'Names, for a file without a header line' }),
    })
    .prefault({}),
  group: z
    .array(Column)
    .min(1)
    .max(5)
    .optional()
    .meta({ description: 'Rows that agree in these columns are numbered from 1 by {line}' }),
  skip: z
    .array(z.strictObject({ reason: z.string().min(1).max(80), when: Conditions }))
    .max(100)
    .default([])
    .meta({ description: 'Rows that are left out, and why; they are counted' }),
  fields: Fields.meta({ description: 'For every row' }),
  rules: z
    .array(z.strictObject({ name: z.string().min(1).max(80), when: Conditions.optional(), fields: Fields }))
    .max(100)
    .default([])
    .meta({ description: 'The first whose conditions hold adds its fields; if there are rules, one must hold' }),
});
export type Mapping = z.output<typeof Mapping>;
export type MappingJson = z.input<typeof Mapping>;

/** The import cannot run at all: the message says what to mend. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** @throws ImportError listing every place that is wrong */
export function parseMapping(text: string, name: string): Mapping {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ImportError(`${name} is not JSON: ${(error as Error).message}`);
  }
  const parsed = Mapping.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || '(top)'}: ${message}`);
  throw new ImportError(`${name} is not a valid mapping:\n${faults.join('\n')}`);
}
