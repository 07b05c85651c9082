// /v1/systems/{system}/identifiers: what another system calls our SKUs and locations. A system is a channel or an ERP.
// Lines are judged each by those before it, and answered each; a bad line costs no other.
import { z } from 'zod';
import { Conflict, UnknownOutcome } from '../../domain/event-log.ts';
import { IdentifierLine, NAMED, TheirId } from '../../domain/identifiers/lines.ts';
import { SystemName } from '../../domain/policy/system-of-record.ts';
import type { NameRow } from '../../projections/identifiers.ts';
import type { Client, Scope } from '../auth/keys.ts';
import { requireChannel } from '../auth.ts';
import type { LinesAnswer } from '../identifiers/identifiers-process.ts';
import { faultsOf, HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, charge, json, type Route } from './api.ts';
import { batchLines } from './intake/batch-lines.ts';
import { bodyFormat, readBody } from './intake/body.ts';
import { identifierCsvLines } from './intake/identifier-csv.ts';
import { readQuery, segmentBy, waitForPosition } from './intake/query.ts';
import { countTo, Position } from './openapi/parameters.ts';

const FORMATS = ['json', 'ndjson', 'csv'] as const;
export const IDENTIFIER_LINES_MAX = 10_000;

export const IdentifiersQuery = z.strictObject({
  what: z.enum(NAMED).optional().meta({ description: 'Only of SKUs, or of locations' }),
  ours: z.string().max(64).optional().meta({ description: 'The one that we call so; with `what`' }),
  theirs: TheirId.optional().meta({ description: 'The one that has this id; with `what`' }),
  after: Position.optional(),
  cursor: z
    .string()
    .regex(/^(sku|location)\..{1,64}$/)
    .optional()
    .meta({ description: '`next` of a page' }),
  limit: countTo(2_000, 1).default(500).meta({ description: 'Names a page at most' }),
});

async function getIdentifiers(api: Api, c: ApiContext): Promise<Response> {
  const { system } = systemOf(api, c, 'identifiers:read');
  const { what, ours, theirs, after, cursor, limit } = readQuery(c, IdentifiersQuery);
  await waitForPosition(api, after);
  const reader = api.processes.identifiers.reader();
  const asOf = api.availability.position();
  if (ours === undefined && theirs === undefined) {
    const { rows, next } = reader.page(system, what, limit, cursor);
    return json({ identifiers: rows.map(rowView), next, asOf });
  }
  const { names } = reader.system(system);
  const found = (what === undefined ? NAMED : [what]).flatMap((kind): NameRow[] => {
    const name = ours ?? names[kind].oursOf(theirs!);
    const called = name === undefined ? undefined : names[kind].called(name);
    const isMeant = theirs === undefined || (called !== undefined && names[kind].oursOf(theirs) === name);
    return called === undefined || !isMeant ? [] : [{ what: kind, ours: name!, ...called }];
  });
  return json({ identifiers: found.map(rowView), asOf });
}

function rowView({ what, ours, id, more, aliases }: NameRow) {
  return { what, ours, theirs: id, more, aliases: aliases.length === 0 ? undefined : aliases };
}

async function postIdentifiers(api: Api, c: ApiContext): Promise<Response> {
  const { client, system } = systemOf(api, c, 'identifiers:write');
  const format = bodyFormat(c, FORMATS);
  const leave = api.batches.enter(client.id);
  try {
    const bytes = await readBody(c, api.limits.batchBytesMax);
    const given =
      format === 'csv'
        ? identifierCsvLines(bytes, IDENTIFIER_LINES_MAX)
        : batchLines(bytes, format, IDENTIFIER_LINES_MAX);
    charge(api, client, given.count);
    const answers: object[] = [];
    const lines: { readonly at: number; readonly line: IdentifierLine }[] = [];
    for (let n = 0; n < given.count; n += 1) {
      const line = given.lineNumber(n);
      const parsed = given.parse(n);
      const checked = parsed.ok ? IdentifierLine.safeParse(parsed.value) : undefined;
      if (checked?.success === true) lines.push({ at: n, line: checked.data });
      else {
        const errors = checked === undefined ? [] : faultsOf(checked.error.issues);
        const detail = parsed.ok
          ? errors.map(({ path, message }) => `${path} ${message}`.trimStart()).join('; ')
          : `The line ${parsed.message}`;
        answers[n] = { line, outcome: 'refused', reason: parsed.ok ? 'invalid-line' : 'invalid-json', detail };
      }
    }
    const { verdicts, position } = await taken(
      api,
      system,
      lines.map(({ line }) => line),
      client,
    );
    for (const [n, { at }] of lines.entries()) answers[at] = { line: given.lineNumber(at), ...verdicts[n] };
    const text = answers.map((answer) => `${JSON.stringify(answer)}\n`).join('');
    const headers = { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' };
    return new Response(text, {
      headers: position === undefined ? headers : { ...headers, 'evenstock-position': String(position) },
    });
  } finally {
    leave();
  }
}

/** @throws HttpProblem `conflict`, `unknown-outcome` · Unavailable */
async function taken(api: Api, system: string, lines: readonly IdentifierLine[], client: Client): Promise<LinesAnswer> {
  try {
    return await api.processes.identifiers.submit(system, lines, client.id);
  } catch (error) {
    const again = 'Send the same again: what was taken is then unchanged';
    if (error instanceof Conflict) throw new HttpProblem('conflict', again, { retryAfterMs: RETRY_AFTER_MS });
    if (error instanceof UnknownOutcome)
      throw new HttpProblem('unknown-outcome', again, { retryAfterMs: RETRY_AFTER_MS });
    throw error;
  }
}
const RETRY_AFTER_MS = 1_000;

/** @throws HttpProblem `unauthenticated`, `forbidden`, `unknown-system` */
function systemOf(api: Api, c: ApiContext, scope: Scope): { readonly client: Client; readonly system: string } {
  const client = admit(api, c, scope);
  const system = segmentBy(c, 'system', SystemName);
  requireChannel(client, system);
  if (!api.processes.identifiers.knowsSystem(system))
    throw new HttpProblem('unknown-system', `The policy has no channel and no ERP ${system}`);
  return { client, system };
}

export const IDENTIFIERS_ROUTES: readonly Route[] = [
  ['get', '/v1/systems/:system/identifiers', getIdentifiers],
  ['post', '/v1/systems/:system/identifiers', postIdentifiers],
];
