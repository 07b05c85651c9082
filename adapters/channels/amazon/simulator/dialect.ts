// How Amazon words what it does not do: a list of errors with a code, as all its APIs have it; Login with Amazon has its own.
import type { Call } from '../../simulator/broken-answers.ts';
import type { CallKind } from '../../simulator/faults.ts';
import { type Dialect, REFUSAL_STATUS, type Refusal } from '../../simulator/misbehaving.ts';

/** Code and message as Amazon gives them. */
const ERRORS: Readonly<Record<Refusal, readonly [string, string]>> = {
  throttled: ['QuotaExceeded', 'You exceeded your quota for the requested resource.'],
  unavailable: ['ServiceUnavailable', 'Service is temporarily unavailable. Please try again.'],
  error: ['InternalFailure', 'We encountered an internal error. Please try again.'],
  'gateway-timeout': ['GatewayTimeout', 'The request took too long.'],
  unauthenticated: ['Unauthorized', 'Access to requested resource is denied.'],
  forbidden: ['Unauthorized', 'Access to requested resource is denied.'],
};
const TOKEN_REVOKED = 'The access token you provided is revoked, malformed or invalid.';

export function errorList(call: Call, status: number, code: string, message: string, details = ''): Response {
  call.header('content-type', 'application/json');
  return call.body(JSON.stringify({ errors: [{ code, message, details }] }), status as 400);
}

export const amazonDialect: Dialect = {
  refuse(call, refusal, headers) {
    for (const [name, value] of Object.entries(headers)) call.header(name, value);
    const [code, message] = ERRORS[refusal];
    if (call.req.path.endsWith('/auth/o2/token')) return refuseToken(call, refusal);
    // Amazon answers 403 to a token that it does not take.
    const status = refusal === 'unauthenticated' ? 403 : REFUSAL_STATUS[refusal];
    return errorList(call, status, code, message, refusal === 'unauthenticated' ? TOKEN_REVOKED : '');
  },
  async errorsInside(call, kind: CallKind) {
    if (kind !== 'publish' || !call.req.path.startsWith('/externalFulfillment/')) return undefined;
    const { requests } = (await call.req.json()) as { requests: readonly unknown[] };
    const busy = { status: { statusCode: 429, reasonPhrase: 'Too Many Requests' }, body: { actionableErrors: [] } };
    return call.json({ responses: requests.map(() => busy) }, 207);
  },
};

function refuseToken(call: Call, refusal: Refusal): Response {
  const isTheirs = refusal === 'unauthenticated' || refusal === 'forbidden';
  const error = isTheirs ? 'invalid_client' : refusal === 'throttled' ? 'slow_down' : 'server_error';
  return call.json({ error, error_description: 'Client authentication failed' }, REFUSAL_STATUS[refusal]);
}
