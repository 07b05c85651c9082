// Vendure's Admin GraphQL API: a question, and its answer checked against what was agreed. Most errors come with HTTP 200
// and a code inside (failure.ts). Vendure answers FORBIDDEN for a session that has ended as for one that may not: it is
// asked once more, with a new one.
import type { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import type { FailedReply } from '../http-reply.ts';
import { failureOf, isForbidden } from './failure.ts';
import { type GraphQLAnswer, type GraphQLCall, graphqlAnswer, postGraphQL } from './graphql.ts';
import type { Session } from './session.ts';

export interface Question<T> extends GraphQLCall {
  readonly schema: z.ZodType<T>;
  /** W3C trace context to send along. */
  readonly traceparent?: string | undefined;
}

export type Told<T> = { readonly kind: 'data'; readonly data: T } | FailedReply;

export interface AdminApi {
  /** Never rejects; stops when `signal` aborts. */
  ask<T>(question: Question<T>, signal: AbortSignal): Promise<Told<T>>;
}

export interface AdminApiOptions {
  readonly url: string;
  readonly channelToken?: string | undefined;
  readonly session: Session;
  readonly clock: Clock;
}

export function createAdminApi({ url, channelToken, session, clock }: AdminApiOptions): AdminApi {
  const ask = async <T>(question: Question<T>, signal: AbortSignal, isRepeat: boolean): Promise<Told<T>> => {
    const credentials = await session.credentials(signal);
    if (credentials.kind !== 'credentials') return credentials;
    const headers = {
      ...credentials.headers,
      ...(channelToken === undefined ? {} : { 'vendure-token': channelToken }),
      ...(question.traceparent === undefined ? {} : { traceparent: question.traceparent }),
    };
    const answer = await postGraphQL(url, question, headers, signal);
    if (!('status' in answer)) return answer;
    if (isForbidden(answer) && session.forget(credentials) && !isRepeat) return ask(question, signal, true);
    const told = answer.status === 200 ? graphqlAnswer(answer) : undefined;
    if (told === undefined || told.errors !== undefined) return failureOf(answer, clock.now());
    return agreed(told, question.schema);
  };
  return { ask: (question, signal) => ask(question, signal, false) };
}

function agreed<T>({ data }: GraphQLAnswer, schema: z.ZodType<T>): Told<T> {
  const result = schema.safeParse(data);
  if (result.success) return { kind: 'data', data: result.data };
  const { path, message } = result.error.issues[0]!;
  return { kind: 'unknown', reason: `the answer is not what was agreed: ${path.join('.') || 'data'}: ${message}` };
}
