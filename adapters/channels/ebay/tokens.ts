// eBay's access tokens: minted from the seller's refresh token (OAuth 2, RFC 6749 §6), kept until shortly before they end,
// one request under way at a time. A token lives two hours; 50,000 may be minted a day. Secrets are read at each request,
// so a file can be replaced while the server runs.
import { z } from 'zod';
import type { Clock } from '../../../domain/time.ts';
import { answerOf } from '../http-answer.ts';
import { retryAfterMs } from '../http-limits.ts';
import { jsonOf } from '../json.ts';

export interface TokensOptions {
  readonly url: string;
  /** Asked for; none: all that the seller consented to. */
  readonly scopes: readonly string[];
  readonly secret: (suffix: string) => string;
  /** Told of each token, so that no reason shows one. */
  readonly conceal: (secret: string) => void;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export type TokenReply =
  | { readonly kind: 'token'; readonly token: string }
  /** No call can be made until somebody changes something. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** Nothing was asked of the channel yet. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly afterMs?: number };

export interface Tokens {
  /** Never rejects; waits no longer than the signal lets it, while the request goes on for whoever asks next. */
  current(signal: AbortSignal): Promise<TokenReply>;
  /** The channel did not take this one. */
  drop(token: string): void;
}

const Granted = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const Refused = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/) });

export function createTokens({ url, scopes, secret, conceal, timeoutMs, clock }: TokensOptions): Tokens {
  let held: { readonly token: string; readonly until: number } | undefined;
  let minting: Promise<TokenReply> | undefined;

  async function mint(): Promise<TokenReply> {
    try {
      const client = Buffer.from(`${secret('CLIENT_ID')}:${secret('CLIENT_SECRET')}`).toString('base64');
      conceal(client);
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: secret('REFRESH_TOKEN') });
      if (scopes.length > 0) body.set('scope', scopes.join(' '));
      const answer = await answerOf(
        await fetch(url, {
          method: 'POST',
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: { authorization: `Basic ${client}`, accept: 'application/json', 'user-agent': 'evenstock' },
          body,
        }),
      );
      if (answer.status !== 200) return refusal(answer.status, answer.text, answer.headers.get('retry-after'));
      const granted = Granted.safeParse(jsonOf(answer.text));
      if (!granted.success) return { kind: 'unavailable', reason: 'the token endpoint did not answer with a token' };
      const { access_token: token, expires_in: seconds } = granted.data;
      conceal(token);
      const lifeMs = seconds * 1_000;
      held = { token, until: clock.now() + lifeMs - Math.min(EARLY_MS, lifeMs / 10) };
      return { kind: 'token', token };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
      const reason = code ?? (cause instanceof Error ? cause.message : String(cause));
      return { kind: 'unavailable', reason: `no access token: ${reason}` };
    }
  }

  function refusal(status: number, text: string, retryAfter: string | null): TokenReply {
    const refused = Refused.safeParse(jsonOf(text));
    const reason = `no access token: HTTP ${status}${refused.success ? ` ${refused.data.error}` : ''}`;
    if (status < 500 && status !== 408 && status !== 429) return { kind: 'denied', reason };
    const afterMs = retryAfterMs(retryAfter, clock.now());
    return { kind: 'unavailable', reason, ...(afterMs === undefined ? {} : { afterMs }) };
  }

  return {
    async current(signal) {
      if (held !== undefined && clock.now() < held.until) return { kind: 'token', token: held.token };
      minting ??= mint().finally(() => {
        minting = undefined;
      });
      return unlessStopped(minting, signal);
    },
    drop(token) {
      if (held?.token === token) held = undefined;
    },
  };
}

/** A token is replaced so long before it ends, ms, so that it does not end on its way. */
const EARLY_MS = 60_000;

async function unlessStopped(minting: Promise<TokenReply>, signal: AbortSignal): Promise<TokenReply> {
  const { promise: stopped, resolve } = Promise.withResolvers<TokenReply>();
  const stop = () => resolve({ kind: 'unavailable', reason: 'stopped before there was an access token' });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([minting, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
