// The access token of Login with Amazon: fetched with the seller's refresh token, kept until shortly before it expires.
// Callers that need one at the same time share one request. Secrets are read at each fetch, so they can be replaced.
import { z } from 'zod';
import { type Clock, SECOND } from '../../../domain/time.ts';
import { answerOf } from '../http-answer.ts';
import { replyOfError } from '../http-reply.ts';
import { type Failure, plain, reasonOf } from './failure.ts';

export interface TokenSecrets {
  readonly clientId: () => string;
  readonly clientSecret: () => string;
  readonly refreshToken: () => string;
}

export interface TokenOptions {
  readonly url: string;
  readonly secrets: TokenSecrets;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** No reason may show a token. */
  readonly conceal: (token: string) => void;
}

export type TokenReply = { readonly kind: 'token'; readonly token: string } | Failure;

export interface Tokens {
  /** `refused`: a token that the API did not take; another is fetched unless there is a newer one already. */
  token(refused?: string): Promise<TokenReply>;
}

const Granted = z.object({ access_token: z.string().min(1).max(8_192), expires_in: z.number().positive() });
const Refused = z.object({ error: z.string(), error_description: z.string().catch('') });

/** Not used in its last minute: a call may take that long to arrive. */
const SPARE_MS = 60 * SECOND;

export function createTokens(options: TokenOptions): Tokens {
  const { clock, conceal } = options;
  let kept: { readonly token: string; readonly until: number } | undefined;
  let fetching: Promise<TokenReply> | undefined;
  return {
    token(refused) {
      if (kept !== undefined && (kept.token === refused || kept.until <= clock.now())) kept = undefined;
      if (kept !== undefined) return Promise.resolve({ kind: 'token', token: kept.token });
      fetching ??= fetchToken(options)
        .then((reply) => {
          if (reply.kind === 'failed') return reply;
          conceal(reply.access_token);
          kept = { token: reply.access_token, until: clock.now() + Math.max(0, reply.expires_in * SECOND - SPARE_MS) };
          return { kind: 'token' as const, token: reply.access_token };
        })
        .finally(() => {
          fetching = undefined;
        });
      return fetching;
    },
  };
}

type Fetched = (z.infer<typeof Granted> & { readonly kind: 'granted' }) | Failure;

async function fetchToken({ url, secrets, timeoutMs }: TokenOptions): Promise<Fetched> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { accept: 'application/json', 'user-agent': 'evenstock' },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: secrets.refreshToken(),
        client_id: secrets.clientId(),
        client_secret: secrets.clientSecret(),
      }),
    });
    const { status, text } = await answerOf(response);
    return judge(status, text);
  } catch (error) {
    // Without a token nothing was asked of the API.
    const { reason } = replyOfError(error);
    return failed('unavailable', `no access token: ${plain(reason)}`);
  }
}

function judge(status: number, text: string): Fetched {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const granted = Granted.safeParse(json);
  if (status === 200 && granted.success) return { kind: 'granted', ...granted.data };
  const said = Refused.safeParse(json);
  const why = said.success ? reasonOf(said.data.error, said.data.error_description) : `HTTP ${status}`;
  const isLater = status === 200 || status === 408 || status === 429 || status >= 500;
  return failed(isLater ? 'unavailable' : 'denied', `no access token: ${why}`);
}

function failed(kind: 'unavailable' | 'denied', reason: string): Failure {
  return { kind: 'failed', reply: { kind, reason } };
}
