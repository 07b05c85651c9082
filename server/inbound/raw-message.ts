// A verified request as it is kept: enough to be translated again, without anything that could be a secret, and of the body only
// the fields that the adapter reads: nothing of the buyer comes into the log.
import { hash } from 'node:crypto';
import type { WebhookRequest } from '../../adapters/inbound/inbound.ts';
import type { RawMessage } from '../../domain/inbound/events.ts';

/** Signatures are not secret, but they are of no use later. */
const NOT_KEPT = /authorization|cookie|signature|hmac|token|secret|password|key|forwarded|x-real-ip/i;
const HEADERS_MAX = 50;
const HEADER_LENGTH_MAX = 512;

/** An address may carry a secret behind its `?`. */
export function rawOf({ rawBody, headers, url }: WebhookRequest, fields: ReadonlySet<string>): RawMessage {
  const kept = [...headers].filter(([name, value]) => !NOT_KEPT.test(name) && value.length <= HEADER_LENGTH_MAX);
  const address = url.split('?')[0]!.slice(0, HEADER_LENGTH_MAX);
  return { url: address, headers: kept.slice(0, HEADERS_MAX), body: keptOf(rawBody, fields), encoding: 'utf8' };
}

/** A body that cannot be read could hold anything: it is told from others by its hash, and translating it again would not help. */
function keptOf(rawBody: Uint8Array, fields: ReadonlySet<string>): string {
  try {
    return JSON.stringify(only(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody)), fields));
  } catch {
    return `not kept: no JSON, ${rawBody.length} bytes, SHA-256 ${hash('sha256', rawBody, 'hex')}`;
  }
}

function only(value: unknown, fields: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => only(one, fields));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => fields.has(name));
  return Object.fromEntries(kept.map(([name, part]) => [name, only(part, fields)]));
}

export function requestOf({ url, headers, body, encoding }: RawMessage): WebhookRequest {
  return { url, headers: new Headers(headers as [string, string][]), rawBody: Buffer.from(body, encoding) };
}
