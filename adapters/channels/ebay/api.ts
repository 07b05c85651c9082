// One call of eBay's REST APIs, with a token that is fresh. A call that is refused for its token (401: nothing was done)
// is made once more with a new one; nothing else is repeated here.
import type { Clock } from '../../../domain/time.ts';
import { answerOf } from '../http-answer.ts';
import { type Unread, unreadReply } from '../http-reading.ts';
import type { FailedReply } from '../http-reply.ts';
import { type Answer, refusalOf, replyOfError } from '../http-reply.ts';
import { errorsIn, isCredentials, wordsOf } from './errors.ts';
import type { Tokens } from './tokens.ts';

export interface EbayApiOptions {
  /** Without a path, such as https://api.ebay.com. */
  readonly url: string;
  readonly tokens: Tokens;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export type Asked =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** Not 2xx, or no answer: what that means for what was asked. */
  | FailedReply;

export interface EbayApi {
  /** `body`: sent as JSON with POST; absent: GET. Never rejects. */
  ask(path: string, body: unknown, signal: AbortSignal): Promise<Asked>;
}

export function createEbayApi({ url, tokens, timeoutMs, clock }: EbayApiOptions): EbayApi {
  const base = url.replace(/\/+$/, '');

  async function send(token: string, path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    const response = await fetch(`${base}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        // So that reasons can be read by whoever meets them.
        'accept-language': 'en-US',
        'user-agent': 'evenstock',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answerOf(response);
  }

  function meaningOf(answer: Answer): Asked {
    const errors = errorsIn(answer.text);
    const said = `eBay ${wordsOf(errors, 'without an error that it documents')}`;
    const refusal = refusalOf(answer, clock.now(), said);
    if (refusal === undefined) return { kind: 'answered', answer };
    return isCredentials(errors) ? { kind: 'denied', reason: `HTTP ${answer.status}: ${said}` } : refusal;
  }

  return {
    async ask(path, body, signal) {
      for (let attempt = 1; ; attempt += 1) {
        const granted = await tokens.current(signal);
        if (granted.kind !== 'token') return granted;
        if (signal.aborted) return { kind: 'unavailable', reason: 'stopped before it was sent' };
        try {
          const answer = await send(granted.token, path, body, signal);
          if (answer.status !== 401) return meaningOf(answer);
          tokens.drop(granted.token);
          if (attempt === ATTEMPTS_MAX) return meaningOf(answer);
        } catch (error) {
          return replyOfError(error);
        }
      }
    },
  };
}
const ATTEMPTS_MAX = 2;

/** What a failed call means for reading: it is asked again later, or never passes. */
export function readingFailed(failed: FailedReply): Unread {
  return unreadReply(failed, 'eBay asked for a slower pace');
}
