// Everything that is not a success, as RFC 9457 problem documents: the one file that decides HTTP statuses.
// Promise: a sender can tell from the status and `reason` alone what to do: mend it (4xx), or send the same
// again after Retry-After (409 conflict, 429, 503, 504, 507). Bad input never gives a 5xx.
import type { PolicyRefusalReason } from '../domain/policy/decide.ts';
import type { RefusalReason } from '../domain/stock/verdict.ts';
import type { Failed, FailureReason, Refused } from './actors/answer.ts';

/** Name → status, title. The name is the problem's `reason`, and its type is `/problems/<name>`. */
export const PROBLEMS = {
  'malformed-request': [400, 'The request is not valid HTTP'],
  'invalid-json': [400, 'The body is not strict JSON'],
  'invalid-parameter': [400, 'A parameter or header is not valid'],
  'unknown-version': [400, 'The API has no such version'],
  'position-ahead': [400, 'The position has not been written yet'],
  unauthenticated: [401, 'A valid API key is needed'],
  forbidden: [403, 'This API key may not do that'],
  'not-owner': [403, 'The policy names other owners for that'],
  'four-eyes': [403, 'Refused: whoever counted must not decide about it'],
  'not-found': [404, 'There is nothing at this path'],
  'unknown-stock': [404, 'Nothing has happened to this SKU at this location'],
  'unknown-availability': [404, 'The channel has no figure for this SKU'],
  'unknown-policy-version': [404, 'There is no such policy version'],
  'unknown-channel': [404, 'The policy has no such channel'],
  'unknown-stocktake': [404, 'There is no such stocktake'],
  'unknown-erp': [404, 'The policy has no such ERP'],
  'unknown-webhook': [404, 'The policy has no such webhook'],
  'unknown-order': [404, 'There is no such order'],
  'unknown-system': [404, 'The policy has no such channel or ERP'],
  'unknown-case': [404, 'There is no such case'],
  'unknown-reconciliation': [404, 'There is no such reconciliation'],
  'no-such-transfer': [404, 'There is no such transfer'],
  'method-not-allowed': [405, 'The path does not take this method'],
  'request-timeout': [408, 'The request took too long to arrive'],
  'insufficient-available': [409, 'Refused: not enough units are available'],
  'stock-frozen': [409, 'Refused: the stock is frozen'],
  'stock-retired': [409, 'Refused: the stock is retired'],
  'reservation-exists': [409, 'Refused: the reservation exists already'],
  'unknown-reservation': [409, 'Refused: no such open reservation'],
  'exceeds-reservation': [409, 'Refused: more than the reservation holds'],
  'expiry-not-in-future': [409, 'Refused: the expiry has passed'],
  'not-due': [409, 'Refused: the reservation has not expired yet'],
  'transfer-exists': [409, 'Refused: the transfer exists already'],
  'unknown-transfer': [409, 'Refused: nothing is set aside for this transfer'],
  'same-location': [409, 'Refused: a transfer leads to another location'],
  'exceeds-in-transit': [409, 'Refused: more than the transfer has on its way'],
  'nothing-to-cancel': [409, 'Refused: nothing is set aside for the transfer any more'],
  'not-overdue': [409, 'Refused: the transfer is not overdue'],
  'order-exists': [409, 'Refused: the order has been placed already'],
  'not-in-this-status': [409, 'Refused: not in the status it has'],
  'hold-expired': [409, 'Refused: the hold of the order has ended'],
  'exceeds-reserved': [409, 'Refused: more than the order has reserved'],
  'exceeds-open': [409, 'Refused: more than the order has open'],
  'exceeds-fulfilled': [409, 'Refused: more than was fulfilled and not returned'],
  'case-closed': [409, 'Refused: the case is closed'],
  'not-retryable': [409, 'Refused: nothing can be tried again for this case'],
  'not-short': [409, 'Refused: the order is short of nothing'],
  'policy-version-reused': [409, 'Refused: the policy version was taken with other content'],
  'policy-version-scheduled': [409, 'Refused: the policy version waits to be effective already'],
  'policy-already-effective': [409, 'Refused: the policy version is or was in force'],
  'policy-not-based-on-this': [409, 'Refused: another policy version came first'],
  'reconciliation-running': [409, 'It is being compared already'],
  'stocktake-exists': [409, 'Refused: the stocktake exists already'],
  'not-counting': [409, 'Refused: the stocktake takes no lines now'],
  'already-counted': [409, 'Refused: the SKU has been counted in this stocktake'],
  'not-counted': [409, 'Refused: the SKU has not been counted'],
  'not-waiting': [409, 'Refused: the line does not wait for that'],
  'fence-not-later': [409, 'Refused: a recount is later than the count'],
  'lines-waiting': [409, 'Refused: lines wait for a decision'],
  'lines-uncounted': [409, 'Refused: SKUs have not been counted'],
  conflict: [409, 'Another writer kept coming first'],
  'idempotency-in-flight': [409, 'The first request with this Idempotency-Key is still in flight'],
  'version-retired': [410, 'This version of the API is answered no more'],
  'too-large': [413, 'The body is too large'],
  'too-many-lines': [413, 'The batch has too many lines'],
  'unsupported-media-type': [415, 'The content type is not supported'],
  'invalid-policy': [422, 'The policy is not valid'],
  'effective-in-past': [422, 'Refused: a policy is never effective in the past'],
  'invalid-command': [422, 'The command is not valid'],
  'unknown-location': [422, 'The policy has no such location'],
  'unknown-sku': [422, 'The policy has no such SKU'],
  'sku-not-in-stocktake': [422, 'The SKU is not counted in this stocktake'],
  'fence-in-future': [422, 'The line was counted in the future'],
  'fence-too-old': [422, 'The line was counted longer ago than facts may be late'],
  'bundle-has-no-stock': [422, 'A bundle holds no stock of its own'],
  'unknown-sales-channel': [422, 'The policy has no such channel'],
  'outside-pool': [422, 'The channel does not sell from this location'],
  'outside-window': [422, 'The time is too long ago or too far ahead'],
  'hold-too-long': [422, 'Policy lets no order hold units for so long'],
  'no-statement': [422, 'The channel cannot be asked for a statement'],
  'invalid-csv': [422, 'The CSV cannot be read'],
  'invalid-statement': [422, 'The statement cannot be compared'],
  'idempotency-key-reused': [422, 'The Idempotency-Key was used with another request'],
  'rate-limited': [429, 'Too many requests'],
  'too-many-open': [429, 'Too many batches or feeds are open'],
  'headers-too-large': [431, 'The headers are too large'],
  internal: [500, 'An unexpected error'],
  unavailable: [503, 'The event log cannot be reached'],
  overloaded: [503, 'Too much is waiting'],
  'shutting-down': [503, 'The server is stopping'],
  'read-behind': [503, 'The figures have not caught up with the position yet'],
  'unknown-outcome': [504, 'It is not known whether the command was recorded'],
  'disk-full': [507, 'The disk is full: nothing can be recorded'],
} as const satisfies Record<string, readonly [status: number, title: string]> &
  Record<RefusalReason | FailureReason | PolicyRefusalReason, readonly [number, string]>;

export type ProblemName = keyof typeof PROBLEMS;

/** One thing that is wrong: `path` is a JSON Pointer into the body or the name of a parameter. */
export interface Fault {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** The literal name, the last part of `type`. */
  readonly reason: ProblemName;
  readonly detail: string;
  readonly commandId?: string | undefined;
  readonly errors?: readonly Fault[] | undefined;
  /** Send the same again after this long; also the Retry-After header, in whole seconds. */
  readonly retryAfterMs?: number | undefined;
}

type Extra = Pick<Problem, 'commandId' | 'errors' | 'retryAfterMs'>;

export function problem(reason: ProblemName, detail: string, extra?: Extra): Problem {
  const [status, title] = PROBLEMS[reason];
  return { type: `/problems/${reason}`, title, status, reason, detail, ...extra };
}

/** A request that ends here. Thrown by guards, turned into its problem by the app; never an internal error. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>> | undefined;
  constructor(reason: ProblemName, detail: string, extra?: Extra, headers?: Readonly<Record<string, string>>) {
    super(detail);
    this.problem = problem(reason, detail, extra);
    this.headers = headers;
  }
}

/** What a command that was not accepted is answered. */
export function answerProblem(answer: Refused | Failed, commandId: string): Problem {
  if (answer.outcome === 'refused') return problem(answer.reason, answer.detail, { commandId });
  const { reason, retryAfterMs } = answer;
  return problem(reason, failureDetail(answer), { commandId, retryAfterMs });
}

/** What a workflow refused. A detail that begins with a JSON Pointer names the field that is wrong. */
export function refusalProblem(reason: ProblemName, detail: string, commandId: string): Problem {
  const [, path, message] = /^(\/\S*) (.*)$/s.exec(detail) ?? [];
  if (path === undefined || message === undefined) return problem(reason, detail, { commandId });
  return problem(reason, detail, { commandId, errors: [{ path, rule: reason, message }] });
}

/** Says what to do, which for every failure is the same: the command id makes the repeat harmless. */
export function failureDetail(answer: Failed): string {
  const repeat =
    answer.reason === 'unknown-outcome'
      ? 'Send the same command again, with the same id: if it was recorded, you get its first answer.'
      : 'Nothing was recorded. Send the same command again.';
  return answer.detail === '' ? repeat : `${answer.detail}. ${repeat}`;
}

const PROBLEM_JSON = 'application/problem+json';
const JSON_ONLY = { 'content-type': PROBLEM_JSON, 'cache-control': 'no-store' } as const;

export function problemResponse(body: Problem, headers?: Readonly<Record<string, string>>): Response {
  const retry = body.retryAfterMs === undefined ? undefined : { 'retry-after': retryAfterSeconds(body.retryAfterMs) };
  const challenge = body.status === 401 ? { 'www-authenticate': 'Bearer realm="evenstock"' } : undefined;
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: retry || challenge || headers ? { ...JSON_ONLY, ...retry, ...challenge, ...headers } : JSON_ONLY,
  });
}

/** Whole seconds, at least 1 (RFC 9110 §10.2.3). */
export function retryAfterSeconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1_000)));
}

interface ZodIssueLike {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[] | undefined;
  readonly note?: string | undefined;
}

const RULES: Readonly<Record<string, string>> = {
  invalid_type: 'type',
  too_small: 'minimum',
  too_big: 'maximum',
  invalid_format: 'format',
  invalid_value: 'allowed-values',
  not_multiple_of: 'multiple',
  custom: 'rule',
};
const FAULTS_MAX = 20;

/** The issues of a zod error, one fault a field, at most 20. */
export function faultsOf(issues: readonly ZodIssueLike[], prefix = ''): Fault[] {
  const faults: Fault[] = [];
  for (const issue of issues) {
    const path = issue.path.reduce<string>((pointer, part) => `${pointer}/${escapePointer(String(part))}`, prefix);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys ?? []) {
        faults.push({ path: `${path}/${escapePointer(key)}`, rule: 'unknown-field', message: 'is not a known field' });
      }
    } else {
      const rule = issue.code === 'invalid_union' ? 'unknown-type' : (RULES[issue.code] ?? 'rule');
      faults.push({ path, rule, message: issue.message });
    }
  }
  return faults.slice(0, FAULTS_MAX);
}

/** RFC 6901 §3. Long names are the sender's own: cut, so that an answer is never larger than its question. */
function escapePointer(part: string): string {
  return part.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}
