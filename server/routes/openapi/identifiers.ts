// The operations of /v1/systems/{system}/identifiers and the shapes of their answers.
import { z } from 'zod';
import { IdentifierLine, NAMED } from '../../../domain/identifiers/lines.ts';
import { IdentifiersQuery } from '../identifiers.ts';
import { AFTER, BODY, JSON_TYPE, type Operation } from './operation.ts';
import { Position } from './parameters.ts';

export const IdentifiersPage = z
  .strictObject({
    identifiers: z.array(
      z.strictObject({
        what: z.enum(NAMED),
        ours: z.string(),
        theirs: z.string().optional().meta({ description: 'What it is called; absent: only aliases mean it' }),
        more: z.record(z.string(), z.string()).optional().meta({ description: 'Further ids that some calls want' }),
        aliases: z.array(z.string()).optional().meta({ description: 'Ids that mean it as well' }),
      }),
    ),
    next: z.string().optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
    asOf: Position,
  })
  .meta({ id: 'IdentifiersPage' });

export const IdentifierAnswer = z
  .strictObject({
    line: z.int().min(1),
    outcome: z.enum(['taken', 'unchanged', 'refused']),
    reason: z.string().optional(),
    detail: z.string().optional(),
  })
  .meta({ id: 'IdentifierAnswer' });

export const IDENTIFIERS_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/systems/{system}/identifiers',
    id: 'getIdentifiers',
    tag: 'Identifiers',
    summary: 'What a channel or an ERP calls our SKUs and locations',
    scopes: ['identifiers:read'],
    query: IdentifiersQuery,
    answers: { 200: ['A page, by name', JSON_TYPE, IdentifiersPage] },
    problems: [...AFTER, 'unknown-system'],
  },
  {
    method: 'post',
    path: '/v1/systems/{system}/identifiers',
    id: 'postIdentifiers',
    tag: 'Identifiers',
    summary: 'Map names, up to 10,000 lines',
    description:
      'A JSON array, NDJSON, or CSV with a header. The answer has a line for each. What contradicts what is mapped is ' +
      'refused with the reason. Sent again, what was taken is unchanged. The header Evenstock-Position is for `?after=`.',
    scopes: ['identifiers:write'],
    body: { [JSON_TYPE]: IdentifierLine.array(), 'application/x-ndjson': IdentifierLine, 'text/csv': z.string() },
    answers: { 200: ['A verdict a line', 'application/x-ndjson', IdentifierAnswer] },
    problems: [
      ...BODY.filter((name) => !name.startsWith('idempotency-')),
      ...(['unknown-system', 'too-many-lines', 'too-many-open', 'invalid-csv', 'conflict'] as const),
      ...(['unavailable', 'unknown-outcome', 'disk-full'] as const),
    ],
  },
] as const satisfies readonly Operation[];
