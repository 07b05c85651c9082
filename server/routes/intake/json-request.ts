// A POST with a JSON body for everything but stock commands (those have a faster way of their own): who asks, is the body
// what the schema says, and was it asked before under this Idempotency-Key.
import type { z } from 'zod';
import type { Client, Scope } from '../../auth/keys.ts';
import { hasScope } from '../../auth.ts';
import { faultsOf, HttpProblem, type ProblemName } from '../../problems.ts';
import { type Api, type ApiContext, admit, headerOf } from '../api.ts';
import { bodyFormat, readBody } from './body.ts';
import { answerOnce, fingerprintOf } from './idempotency.ts';
import { parseStrictJson } from './strict-json.ts';

const ONLY_JSON = ['json'] as const;

export interface JsonRequest<S extends z.ZodType> {
  /** Of several, any one. */
  readonly scope: Scope | readonly Scope[];
  readonly schema: S;
  /** Default: `limits.bodyBytesMax`. */
  readonly bytesMax?: number | undefined;
  /** Of a body that is not what the schema says. Default: `invalid-command`. */
  readonly invalid?: ProblemName | undefined;
}

/** @throws HttpProblem `unauthenticated`, `forbidden`, `rate-limited`, `invalid-json`, `invalid-command`, `too-large` … */
export async function answerJson<S extends z.ZodType>(
  api: Api,
  c: ApiContext,
  { scope, schema, bytesMax = api.limits.bodyBytesMax, invalid = 'invalid-command' }: JsonRequest<S>,
  answer: (client: Client, body: z.output<S>) => Promise<Response>,
): Promise<Response> {
  const client = admit(api, c, typeof scope === 'string' ? scope : heldScope(api, c, scope));
  bodyFormat(c, ONLY_JSON);
  const bytes = await readBody(c, bytesMax);
  const judge = async () => answer(client, parseBody(schema, bytes, invalid));
  const idempotencyKey = headerOf(c, 'idempotency-key');
  if (idempotencyKey === undefined) return judge();
  return answerOnce(api.idempotency, client.id, idempotencyKey, fingerprintOf(c.req.path, 'json', bytes), judge);
}

/** The first of the scopes that the key has, or the first. */
function heldScope(api: Api, c: ApiContext, scopes: readonly Scope[]): Scope {
  const client = api.authenticate(headerOf(c, 'authorization'));
  return scopes.find((scope) => hasScope(client, scope)) ?? scopes[0]!;
}

function parseBody<S extends z.ZodType>(schema: S, bytes: Buffer, invalid: ProblemName): z.output<S> {
  const json = parseStrictJson(bytes);
  if (!json.ok) {
    const { rule, message } = json;
    throw new HttpProblem('invalid-json', `The body ${message}`, { errors: [{ path: '', rule, message }] });
  }
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return parsed.data;
  const errors = faultsOf(parsed.error.issues);
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; ');
  throw new HttpProblem(invalid, detail, { errors });
}
