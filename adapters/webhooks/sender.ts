// Sends one message to a webhook as Standard Webhooks says: a JSON body, its id, the time, and a signature a secret (two
// while one is replaced). Turns everything that can go wrong into an outcome; never follows a redirect, never throws.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../../domain/time.ts';
import { retryAfterMs } from '../channels/http-limits.ts';
import { ForbiddenAddress, type HostRules } from './hosts.ts';

export interface Message {
  /** The same in every repeat, so that the receiver can drop it. */
  readonly id: string;
  readonly body: string;
  /** W3C trace context, sent with it: the receiver may go on with it. */
  readonly traceparent?: string | undefined;
}

/** `status`: of the answer, if one came. */
export type Outcome = Verdict & { readonly status?: number | undefined };

/** Reasons are for people and hold nothing that the receiver wrote. */
type Verdict =
  | { readonly kind: 'taken' }
  /** 410: it wants nothing any more. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** It says no to this message. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It says no to us, or must not be called: whatever the message. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** Busy, down, or nobody knows. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs?: number | undefined };

export interface Sender {
  send(message: Message, signal: AbortSignal): Promise<Outcome>;
  close(): void;
}

export interface SenderRoom {
  readonly url: string;
  /** @throws MissingSecret, whose message names variables only */
  readonly secret: () => string;
  readonly hosts: HostRules;
  readonly clock: Clock;
}

export function createSender({ url: text, secret, hosts, clock }: SenderRoom): Sender {
  const url = new URL(text);
  const isTls = url.protocol === 'https:';
  const agent = isTls ? new HttpsAgent(ONE_AT_A_TIME) : new HttpAgent(ONE_AT_A_TIME);
  const request = isTls ? httpsRequest : httpRequest;

  const post = ({ id, body, traceparent }: Message, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const now = new Date(clock.now());
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'evenstock',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': signatures(secret(), id, now, body),
        ...(traceparent !== undefined && { traceparent }),
      };
      const call = request(url, { method: 'POST', agent, lookup: hosts.lookup, headers, signal }, (answer) => {
        answer.on('error', () => {});
        drain(answer);
        resolve(answer);
      });
      call.on('error', reject);
      call.end(body);
    });

  return {
    async send(message, signal) {
      try {
        hosts.admit(url);
        const { statusCode = 0, headers } = await post(message, signal);
        const afterMs = retryAfterMs(headers['retry-after'] ?? null, clock.now());
        return { ...verdictOf(statusCode, afterMs), status: statusCode };
      } catch (error) {
        return verdictOfError(error, signal);
      }
    },
    close: () => agent.destroy(),
  };
}
const ONE_AT_A_TIME = { keepAlive: true, maxSockets: 1 };

/** A status is the whole answer: the rest is let go, and the connection with it where there is much of it. */
function drain(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) answer.destroy();
  });
}
const ANSWER_BYTES_MAX = 64 * 1024;

/** Of keys shorter than Standard Webhooks allows (24 bytes) nothing is signed. */
const KEY_BYTES_MIN = 24;

/** The secret cannot be used; the message does not hold it. */
export class UnfitSecret extends Error {
  override readonly name = 'UnfitSecret';
}

function signatures(secrets: string, id: string, at: Date, body: string): string {
  return secrets
    .trim()
    .split(/\s+/)
    .map((secret) => signerOf(secret).sign(id, at, body))
    .join(' ');
}

function signerOf(secret: string): Webhook {
  const base64 = secret.replace(/^whsec_/, '');
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0;
  if (isBase64 && Buffer.from(base64, 'base64').length >= KEY_BYTES_MIN) return new Webhook(secret);
  throw new UnfitSecret(`the secret must be whsec_ and ${KEY_BYTES_MIN} bytes or more in base64`);
}

/** Denied: statuses that speak of the address or of us; any message would get them. */
const DENIED: ReadonlySet<number> = new Set([401, 403, 404, 405]);

function verdictOf(status: number, afterMs: number | undefined): Verdict {
  const reason = `it answered ${status}`;
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 410) return { kind: 'gone', reason };
  if (status >= 300 && status < 400) return { kind: 'denied', reason: `${reason}: redirects are not followed` };
  if (DENIED.has(status)) return { kind: 'denied', reason };
  if (status === 408 || status === 425 || status === 429 || status >= 500) return { kind: 'failed', reason, afterMs };
  return { kind: 'refused', reason };
}

function verdictOfError(error: unknown, signal: AbortSignal): Verdict {
  if (signal.aborted) return { kind: 'failed', reason: 'no answer in time' };
  if (!(error instanceof Error)) return { kind: 'failed', reason: 'it could not be called' };
  const { name, message } = error;
  if (error instanceof ForbiddenAddress || error instanceof UnfitSecret || name === 'MissingSecret')
    return { kind: 'denied', reason: message };
  const code = 'code' in error ? String(error.code) : name;
  return { kind: 'failed', reason: `it could not be reached (${code})` };
}
