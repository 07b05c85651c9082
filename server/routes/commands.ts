// POST /v1/commands: one command, answered when its event is durable. The hottest route: one plain handler without
// middleware, no header object, no validator in between. POST /v1/commands/batch is in batch.ts.
import type { Answer } from '../actors/answer.ts';
import type { Client } from '../auth/keys.ts';
import { answerProblem, HttpProblem, problem, problemResponse } from '../problems.ts';
import { type Api, type ApiContext, admit, headerOf, traceparentOf } from './api.ts';
import { acceptedJson } from './intake/answer-json.ts';
import { bodyFormat, readBody } from './intake/body.ts';
import { type BadCommand, checkCommand } from './intake/check-command.ts';
import { answerOnce, fingerprintOf } from './intake/idempotency.ts';
import { parseStrictJson } from './intake/strict-json.ts';

const ONLY_JSON = ['json'] as const;

export async function postCommand(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const client = admit(api, c, 'commands:write');
  bodyFormat(c, ONLY_JSON);
  const bytes = await readBody(c, api.limits.bodyBytesMax);
  const idempotencyKey = headerOf(c, 'idempotency-key');
  if (idempotencyKey === undefined) return judge(api, client, bytes, traceparent);
  const fingerprint = fingerprintOf('/v1/commands', 'json', bytes);
  return answerOnce(api.idempotency, client.id, idempotencyKey, fingerprint, () =>
    judge(api, client, bytes, traceparent),
  );
}

async function judge(api: Api, client: Client, bytes: Buffer, traceparent: string | undefined): Promise<Response> {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok) {
    const { rule, message } = parsed;
    throw new HttpProblem('invalid-json', `The body ${message}`, { errors: [{ path: '', rule, message }] });
  }
  const checked = checkCommand(api, client, parsed.value);
  if ('bad' in checked) return badResponse(checked.bad);
  const { command } = checked;
  const answer: Answer = await api.actors.submit({ command, client: client.id, traceparent });
  if (answer.outcome === 'refused' || answer.outcome === 'failed') {
    return problemResponse(answerProblem(answer, command.id));
  }
  return new Response(acceptedJson(command, answer), answer.outcome === 'accepted' ? OK : PARKED);
}

const JSON_HEADERS = { 'content-type': 'application/json' } as const;
const OK = { status: 200, headers: JSON_HEADERS } as const;
/** Kept, without effect until somebody looks at it (RFC 9110 §15.3.3). */
const PARKED = { status: 202, headers: JSON_HEADERS } as const;

function badResponse({ reason, detail, commandId, errors }: BadCommand): Response {
  return problemResponse(problem(reason, detail, { commandId, errors }));
}
