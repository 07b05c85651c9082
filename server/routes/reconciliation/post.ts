// POST /v1/reconciliations: begins a run and waits a little for its end. As JSON: the channel is asked for its statement.
// As CSV or NDJSON: the body is the statement, and the query says of what; a bad line costs no other.
import { z } from 'zod';
import type { ReadStatement } from '../../../adapters/channels/statement.ts';
import { SystemName } from '../../../domain/policy/system-of-record.ts';
import { RunId } from '../../../domain/reconciliation/events.ts';
import { STATEMENT_ROWS_MAX } from '../../../domain/reconciliation/statement.ts';
import type { Subject } from '../../../domain/reconciliation/subject.ts';
import { InstantText } from '../../../domain/stock/commands.ts';
import { ChannelId, LocationId } from '../../../domain/stock/stream.ts';
import { DAY, type Instant, MINUTE } from '../../../domain/time.ts';
import type { Client } from '../../auth/keys.ts';
import { faultsOf, HttpProblem } from '../../problems.ts';
import { parseStatement, StatementInvalid } from '../../reconciliation/parse-statement.ts';
import type { StatementSource } from '../../reconciliation/perform.ts';
import { type Api, type ApiContext, admit, headerOf, json } from '../api.ts';
import { bodyFormat, readBody } from '../intake/body.ts';
import { answerOnce, fingerprintOf } from '../intake/idempotency.ts';
import { readQuery } from '../intake/query.ts';
import { parseStrictJson } from '../intake/strict-json.ts';
import { countTo, Flag } from '../openapi/parameters.ts';
import { requireSubject } from './subject-access.ts';
import { runView } from './view.ts';

const WAIT_SECONDS_MAX = 30;
const FORMATS = ['json', 'csv', 'ndjson'] as const;

const wait = countTo(WAIT_SECONDS_MAX)
  .default(5)
  .meta({ description: 'Seconds to wait for the end of the run; 202 if it is not over by then' });

export const StartQuery = z.strictObject({
  channel: ChannelId.optional().meta({ description: 'Upload: the channel whose statement the body is' }),
  system: SystemName.optional().meta({ description: 'Upload: instead, the system whose books the body is' }),
  location: LocationId.optional().meta({ description: 'Upload: with system, the location' }),
  id: RunId.optional().meta({ description: 'Upload: as in the JSON body' }),
  asOf: InstantText.optional().meta({ description: 'Upload: when the statement was true; default: now' }),
  complete: Flag.optional().meta({ description: 'Upload: an SKU that is not in it is not there; default: false' }),
  correct: Flag.optional().meta({ description: 'Upload: as in the JSON body' }),
  wait,
});
type StartQuery = z.output<typeof StartQuery>;

export const ReconciliationRequest = z
  .strictObject({
    channel: ChannelId.optional().meta({ description: 'The channel to ask' }),
    system: SystemName.optional().meta({ description: 'Instead: the ERP to ask' }),
    location: LocationId.optional().meta({ description: 'With system: where' }),
    id: RunId.optional().meta({ description: 'Of the run; the same id again answers the run there is' }),
    correct: z.boolean().default(true).meta({ description: 'false: report only' }),
  })
  .meta({ id: 'ReconciliationRequest' });

interface Wanted {
  readonly subject: Subject;
  readonly id: string | undefined;
  readonly correct: boolean;
  readonly source: StatementSource;
}

export async function postReconciliation(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'reconciliation:write');
  const format = bodyFormat(c, FORMATS);
  const query = readQuery(c, StartQuery);
  const leave = api.batches.enter(client.id);
  try {
    const bytes = await readBody(c, format === 'json' ? api.limits.bodyBytesMax : api.limits.batchBytesMax);
    const answer = async () => {
      const wanted =
        format === 'json' ? fromAdapter(api, client, bytes) : await uploaded(api, client, bytes, format, query);
      return begin(api, client, wanted, query.wait);
    };
    const idempotencyKey = headerOf(c, 'idempotency-key');
    if (idempotencyKey === undefined) return await answer();
    const fingerprint = fingerprintOf(`${c.req.path} ${JSON.stringify(query)}`, format, bytes);
    return await answerOnce(api.idempotency, client.id, idempotencyKey, fingerprint, answer);
  } finally {
    leave();
  }
}

/** @throws HttpProblem */
function fromAdapter(api: Api, client: Client, bytes: Buffer): Wanted {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok) {
    const { rule, message } = parsed;
    throw new HttpProblem('invalid-json', `The body ${message}`, { errors: [{ path: '', rule, message }] });
  }
  const request = ReconciliationRequest.safeParse(parsed.value);
  if (!request.success) {
    const errors = faultsOf(request.error.issues);
    const detail = errors.map(({ path, message }) => `${path} ${message}`.trimStart()).join('; ');
    throw new HttpProblem('invalid-command', detail, { errors });
  }
  const { channel, system, location, id, correct } = request.data;
  const subject = subjectOf(channel, system, location, 'invalid-command');
  requireSubject(client, subject);
  if ('location' in subject) return { subject, id, correct, source: { kind: 'adapter', read: booksOf(api, subject) } };
  return { subject, id, correct, source: { kind: 'adapter', read: statementOf(api, subject.channel) } };
}

/** @throws HttpProblem `no-statement` */
function booksOf(api: Api, { system, location }: Extract<Subject, { location: string }>): ReadStatement {
  const read = api.processes.reconciliation.readBooks(system, location);
  if (read !== undefined) return read;
  const detail = `${system} is no ERP of the policy that keeps the books of ${location}: upload its statement as CSV or NDJSON`;
  throw new HttpProblem('no-statement', detail);
}

/** @throws HttpProblem */
function statementOf(api: Api, channel: string): ReadStatement {
  if (api.policy().channel(channel) === undefined) throw unknownChannel(channel);
  let read: ReadStatement | undefined;
  try {
    read = api.processes.reconciliation.readStatementOf(channel);
  } catch (error) {
    throw new HttpProblem('no-statement', error instanceof Error ? error.message : String(error));
  }
  if (read === undefined) {
    throw new HttpProblem('no-statement', `${channel} has no connector to ask: upload its statement as CSV or NDJSON`);
  }
  return read;
}

/** @throws HttpProblem */
async function uploaded(
  api: Api,
  client: Client,
  bytes: Buffer,
  format: 'csv' | 'ndjson',
  { channel, system, location, id, asOf, complete = false, correct = true }: StartQuery,
): Promise<Wanted> {
  const subject = subjectOf(channel, system, location);
  requireSubject(client, subject);
  if (channel !== undefined && api.policy().channel(channel) === undefined) throw unknownChannel(channel);
  const now = api.clock.now();
  const parsed = await parseStatement(bytes, {
    ...{ format, asOf: asOf ?? now, isComplete: complete, linesMax: STATEMENT_ROWS_MAX },
    giveWay: api.processes.reconciliation.giveWay,
  }).catch((error: unknown) => {
    if (!(error instanceof StatementInvalid)) throw error;
    throw new HttpProblem('invalid-statement', `The statement ${error.message}`);
  });
  requireTimely(api, parsed.statement.rows, now);
  return { subject, id, correct, source: { kind: 'upload', ...parsed } };
}

/** @throws HttpProblem as `wrong` says */
function subjectOf(
  channel: string | undefined,
  system: string | undefined,
  location: string | undefined,
  wrong: 'invalid-parameter' | 'invalid-command' = 'invalid-parameter',
): Subject {
  if (channel !== undefined && system === undefined && location === undefined) return { channel };
  if (channel === undefined && system !== undefined && location !== undefined) return { system, location };
  const message = 'a statement needs channel, or system and location, and not both';
  throw new HttpProblem(wrong, message, { errors: [{ path: 'channel', rule: 'rule', message }] });
}

/** A statement of the future, or of before what is remembered, explains nothing. @throws HttpProblem `invalid-statement` */
function requireTimely(
  api: Api,
  rows: readonly { readonly sku: string; readonly asOf: Instant }[],
  now: Instant,
): void {
  const { duplicateWindowDays, clockSkewMinutes } = api.policy().document;
  const [from, to] = [now - duplicateWindowDays * DAY, now + clockSkewMinutes * MINUTE];
  const wrong = rows.find(({ asOf }) => asOf < from || asOf > to);
  if (wrong === undefined) return;
  const when = wrong.asOf > to ? 'lies in the future' : `lies more than ${duplicateWindowDays} days back`;
  throw new HttpProblem('invalid-statement', `asOf of ${wrong.sku}, ${new Date(wrong.asOf).toISOString()}, ${when}`);
}

async function begin(api: Api, client: Client, { subject, id, correct, source }: Wanted, seconds: number) {
  const { reconciliation } = api.processes;
  const runId = id ?? newId(api, subject);
  const started = await reconciliation.start({
    ...{ id: runId, subject, cause: 'on-demand', by: client.id, correct, source },
  });
  if (started.outcome === 'refused') {
    const { reason, detail } = started;
    const isLater = reason === 'reconciliation-running' || reason === 'overloaded';
    throw new HttpProblem(reason, detail, isLater ? { retryAfterMs: 1_000 } : undefined);
  }
  await endedWithin(started.ended, seconds * 1_000, api.stopping);
  const { run, position } = started.record;
  requireSubject(client, run.subject);
  const isOver = run.endedAt !== undefined;
  const body = { duplicate: started.outcome === 'exists', position, ...runView(run) };
  const response = json(body, { location: `/v1/reconciliations/${runId}` });
  return isOver ? response : new Response(response.body, { status: 202, headers: response.headers });
}

/** Readable, and new: the moment, and how many began before. */
function newId(api: Api, subject: Subject): string {
  const name = 'channel' in subject ? subject.channel : subject.location;
  const random = Math.floor(api.processes.reconciliation.random() * 36 ** 6).toString(36);
  return `${name}-${api.clock.now().toString(36)}-${random}`;
}

function unknownChannel(channel: string): HttpProblem {
  return new HttpProblem('unknown-channel', `The policy has no channel ${channel}`);
}

/** Resolves when the run has ended, after `ms`, or when the server stops. */
async function endedWithin(ended: Promise<void>, ms: number, stopping: AbortSignal): Promise<void> {
  if (ms === 0 || stopping.aborted) return;
  const enough = Promise.withResolvers<void>();
  const timer = setTimeout(enough.resolve, ms);
  const onStop = () => enough.resolve();
  stopping.addEventListener('abort', onStop, { once: true });
  await Promise.race([ended, enough.promise]);
  clearTimeout(timer);
  stopping.removeEventListener('abort', onStop);
}
