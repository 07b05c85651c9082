// How Vendure words what it does not do: almost everything is HTTP 200 with a code inside.
import type { Call } from '../../simulator/broken-answers.ts';
import { type Dialect, REFUSAL_STATUS } from '../../simulator/misbehaving.ts';

export function errors(call: Call, message: string, code?: string, path?: readonly string[]): Response {
  const error = { message, ...(path && { path }), ...(code && { extensions: { code } }) };
  return call.json({ errors: [error], data: null });
}

export const forbidden = (call: Call): Response =>
  errors(call, 'You are not currently authorized to perform this action', 'FORBIDDEN');

export const vendureDialect: Dialect = {
  refuse(call, refusal, headers) {
    for (const [name, value] of Object.entries(headers)) call.header(name, value);
    // It says the same of a session that has ended and of one that may not.
    if (refusal === 'unauthenticated' || refusal === 'forbidden') return forbidden(call);
    // The rest is said by what stands before it, as Vendure has no limits of its own.
    return call.text(refusal, REFUSAL_STATUS[refusal]);
  },
  errorsInside: (call, kind) =>
    kind === 'token' ? undefined : errors(call, 'deadlock detected', undefined, ['updateProductVariants']),
};
