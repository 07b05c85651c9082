// Imports into a running server by POST /v1/commands/batch. Everything that may come right by itself (no connection,
// 429, 503, an answer cut off) comes back as `failed` lines, to be sent again; what cannot is an ImportError.
import { z } from 'zod';
import type { StockCommandJson } from '../../../domain/stock/commands.ts';
import { ImportError } from './mapping.ts';
import type { ImportTarget, LineResult } from './target.ts';

export interface HttpTargetOptions {
  /** Of the server, such as http://127.0.0.1:8080; a path in it is kept. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** For one batch, answer included. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

const TIMEOUT_MS = 60_000;
const RETRY_MS = 1_000;
const DETAIL_CHARS_MAX = 500;

/** Lenient: a later server may say more. */
const AnswerLine = z.discriminatedUnion('outcome', [
  z.object({ line: z.int(), outcome: z.enum(['accepted', 'parked']), duplicate: z.boolean() }),
  z.object({ line: z.int(), outcome: z.enum(['refused', 'invalid']), reason: z.string(), detail: z.string() }),
  z.object({
    line: z.int(),
    outcome: z.literal('failed'),
    reason: z.string(),
    detail: z.string(),
    retryAfterMs: z.number(),
  }),
]);

/** @throws ImportError when the URL is none */
export function httpTarget(options: HttpTargetOptions): ImportTarget {
  const endpoint = endpointOf(options.url);
  const headers: Record<string, string> = { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' };
  if (options.apiKey !== undefined) headers['authorization'] = `Bearer ${options.apiKey}`;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const now = options.now ?? Date.now;

  return {
    async submitBatch(commands, signal) {
      const body = commands.map((command) => `${JSON.stringify(command)}\n`).join('');
      const deadline = AbortSignal.timeout(timeoutMs);
      const request: RequestInit = {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      };
      let response: Response;
      let text: string;
      try {
        response = await fetch(endpoint, request);
        text = await response.text();
      } catch (error) {
        return commands.map(() => failed('unreachable', messageOf(error, endpoint), RETRY_MS));
      }
      if (response.status === 200) return linesOf(text, commands);
      return commands.map(() => failureOf(response, text, endpoint, now()));
    },
  };
}

function endpointOf(url: string): URL {
  const base = URL.parse(url);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw new ImportError(`${JSON.stringify(url)} is no http or https address, such as http://127.0.0.1:8080`);
  }
  return new URL('v1/commands/batch', base.href.endsWith('/') ? base : `${base.href}/`);
}

/** An answer may end early: lines without a verdict are not known to be recorded. */
function linesOf(text: string, commands: readonly StockCommandJson[]): LineResult[] {
  const results = commands.map(() => failed('unknown-outcome', 'the server gave no answer for this line', RETRY_MS));
  for (const one of text.split('\n')) {
    const line = parseLine(one);
    if (line !== undefined && line.line >= 1 && line.line <= results.length) results[line.line - 1] = line;
  }
  return results;
}

function parseLine(text: string): (LineResult & { readonly line: number }) | undefined {
  if (text === '') return undefined;
  try {
    return AnswerLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** @throws ImportError when the same batch will never be taken */
function failureOf(response: Response, text: string, endpoint: URL, now: number): LineResult {
  const { status } = response;
  const said = `${endpoint.origin} answered ${status}: ${text.slice(0, DETAIL_CHARS_MAX)}`;
  if (status === 429 || status === 408 || status >= 500) {
    return failed(`http-${status}`, said, retryAfterMs(response.headers.get('retry-after'), now));
  }
  if (status === 401) throw new ImportError(`${said}\nGive a valid API key with --key or EVENSTOCK_KEY.`);
  if (status === 403) throw new ImportError(`${said}\nThe API key needs the scope commands:write.`);
  if (status === 413) throw new ImportError(`${said}\nSend smaller batches with --batch.`);
  throw new ImportError(said);
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3); one second when it is absent or nonsense. */
function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return RETRY_MS;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? RETRY_MS : Math.max(0, at - now);
}

function failed(reason: string, detail: string, retryAfter: number): LineResult {
  return { outcome: 'failed', reason, detail, retryAfterMs: retryAfter };
}

function messageOf(error: unknown, endpoint: URL): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `${endpoint.origin}: ${cause instanceof Error ? cause.message : String(cause)}`;
}
