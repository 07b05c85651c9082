// Calls to a WooCommerce shop: its REST API v3, with a consumer key and secret as basic authentication (which WooCommerce
// only takes over HTTPS). One call, no repeats; an error is worded by WordPress as `{code, message, data: {status}}`.
import { z } from 'zod';
import { answerOf } from '../http-answer.ts';
import type { Answer } from '../http-reply.ts';
import { jsonOf } from '../json.ts';
import type { VendorSpecificChannel } from '../vendor.ts';

const PATH = '/wp-json/wc/v3';

export interface WooApi {
  /** Below `/wp-json/wc/v3`, such as `/orders`. Rejects when the connection fails or `signal` aborts. */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>;
  post(path: string, body: unknown, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** @throws MissingSecret */
export function createWooApi({ connector, secret, conceal }: VendorSpecificChannel): WooApi {
  const authorization = () => {
    const credentials = Buffer.from(`${secret('KEY')}:${secret('SECRET')}`).toString('base64');
    conceal(credentials);
    return `Basic ${credentials}`;
  };
  // Once now: a channel without its secrets fails when it is connected. Then with each call: a file may be replaced.
  authorization();
  const ask = async (url: string, init: RequestInit, timeoutMs: number): Promise<Answer> => {
    const signal = AbortSignal.any([init.signal!, AbortSignal.timeout(timeoutMs)]);
    const headers = { accept: 'application/json', 'user-agent': 'evenstock', authorization: authorization() };
    const response = await fetch(url, {
      ...init,
      ...{ redirect: 'manual', signal },
      headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
    });
    return answerOf(response);
  };
  const addressOf = (path: string) => `${connector.url.replace(/\/+$/, '')}${PATH}${path}`;
  return {
    get: (path, query, signal) =>
      ask(`${addressOf(path)}?${new URLSearchParams(query)}`, { signal }, connector.timeoutMs),
    post(path, body, signal, headers = {}) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
      return ask(addressOf(path), { ...init, signal, body: JSON.stringify(body) }, connector.timeoutMs);
    },
  };
}

export const WooError = z.object({
  code: z.string(),
  message: z.string().default(''),
  data: z.object({ status: z.number().optional() }).nullish().catch(undefined),
});

export function wordsOf({ code, message }: z.output<typeof WooError>): string {
  return message === '' ? code : `${code}: ${message}`;
}

/** Code and message of a refusal; as it came where it is not WordPress that answers (a proxy, a firewall). */
export function saidIn({ text }: Answer): string {
  const error = WooError.safeParse(jsonOf(text));
  return error.success ? wordsOf(error.data) : text;
}
