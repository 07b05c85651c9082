// `asOf` and `knownAt`: the two times that reads of the past take, either or both. `asOf` is event time, what had happened
// by then; `knownAt` is log time, what had been recorded by then. Nobody knows the future: a time ahead of the clock is refused.
import { InstantText } from '../../domain/stock/commands.ts';
import type { Instant } from '../../domain/time.ts';
import type { Times } from '../../projections/as-of.ts';
import { HttpProblem } from '../problems.ts';
import type { Api } from './api.ts';

export const TIMES = {
  asOf: InstantText.optional().meta({ description: 'What had happened by this time (true at), by all that is known' }),
  knownAt: InstantText.optional().meta({ description: 'What had been recorded by this time (believed at)' }),
};

/** Undefined: neither is given, so now is meant. @throws HttpProblem `invalid-parameter` */
export function pastTimes(api: Api, { asOf, knownAt }: Times): Times | undefined {
  if (asOf === undefined && knownAt === undefined) return undefined;
  const now = api.clock.now();
  const errors = Object.entries({ asOf, knownAt }).flatMap(([path, at]) =>
    at === undefined || at <= now ? [] : [{ path, rule: 'maximum', message: `lies in the future: it is ${text(now)}` }],
  );
  if (errors.length === 0) return { asOf, knownAt };
  throw new HttpProblem('invalid-parameter', errors.map(({ path, message }) => `${path} ${message}`).join('; '), {
    errors,
  });
}

/** As an answer repeats them. */
export function timesView({ asOf, knownAt }: Times) {
  return {
    ...(asOf !== undefined && { asOf: text(asOf) }),
    ...(knownAt !== undefined && { knownAt: text(knownAt) }),
  };
}

/** For people: "had happened by …, as known at …". */
export function timesText({ asOf, knownAt }: Times): string {
  if (asOf === undefined) return `had been recorded by ${text(knownAt!)}`;
  return `had happened by ${text(asOf)}${knownAt === undefined ? '' : `, as recorded by ${text(knownAt)}`}`;
}

function text(at: Instant): string {
  return new Date(at).toISOString();
}
