// Who Evenstock is at a Vendure shop: an administrator whose session is kept until Vendure no longer knows it, or an API key.
// A key costs Vendure a bcrypt check at every call (100 ms and more of CPU); a session costs one at the login.
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import type { FailedReply } from '../http-reply.ts';
import { failureOf, nothingDone } from './failure.ts';
import { graphqlAnswer, postGraphQL } from './graphql.ts';

type Credentials = { readonly kind: 'credentials'; readonly headers: Readonly<Record<string, string>> };

export interface Session {
  /** What identifies a call. Never rejects; `signal` ends waiting for it. */
  credentials(signal: AbortSignal): Promise<Credentials | FailedReply>;
  /** Vendure did not accept these. False: there are no others to be had. */
  forget(used: Credentials): boolean;
}

export interface SessionOptions {
  readonly url: string;
  /** Absent: `secret` is an API key. */
  readonly username: string | undefined;
  readonly secret: () => string;
  /** Told every session token: no reason may show it. */
  readonly conceal: (secret: string) => void;
  /** Of a login. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export function createSession(options: SessionOptions): Session {
  const { username, secret } = options;
  if (username === undefined) {
    return {
      credentials: async () => ({ kind: 'credentials', headers: { 'vendure-api-key': secret() } }),
      forget: () => false,
    };
  }
  let known: Credentials | undefined;
  let login: Promise<Credentials | FailedReply> | undefined;
  return {
    async credentials(signal) {
      if (known !== undefined) return known;
      login ??= logIn(options, username).then((result) => {
        login = undefined;
        if (result.kind === 'credentials') known = result;
        return result;
      });
      return Promise.race([login, stopped(signal)]);
    },
    forget(used) {
      if (known === used) known = undefined;
      return true;
    },
  };
}

const LOGIN = `mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password) { __typename ... on ErrorResult { errorCode message } }
}`;
const LoginAnswer = z.object({
  login: z.object({ __typename: z.string(), errorCode: z.string().optional(), message: z.string().optional() }),
});

async function logIn(
  { url, secret, conceal, timeoutMs, clock }: SessionOptions,
  username: string,
): Promise<Credentials | FailedReply> {
  const call = { query: LOGIN, variables: { username, password: secret() } };
  const answer = await postGraphQL(url, call, {}, AbortSignal.timeout(timeoutMs));
  if (!('status' in answer)) return nothingDone(answer);
  const told = answer.status === 200 ? graphqlAnswer(answer) : undefined;
  const parsed = LoginAnswer.safeParse(told?.data);
  if (told === undefined || told.errors !== undefined || !parsed.success) {
    return nothingDone(failureOf(answer, clock.now()));
  }
  const { __typename, errorCode, message } = parsed.data.login;
  // Vendure must be configured to answer sessions to programs: `tokenMethod` with 'bearer'.
  const token = answer.headers.get('vendure-auth-token');
  if (__typename !== 'CurrentUser') return { kind: 'denied', reason: `${errorCode}: ${message}` };
  if (!token) return { kind: 'denied', reason: "logged in, and given no token: Vendure's tokenMethod lacks 'bearer'" };
  conceal(token);
  return { kind: 'credentials', headers: { authorization: `Bearer ${token}` } };
}

function stopped(signal: AbortSignal): Promise<FailedReply> {
  const failure = { kind: 'unavailable', reason: 'told to stop before it was logged in' } as const;
  if (signal.aborted) return Promise.resolve(failure);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(failure), { once: true }));
}
