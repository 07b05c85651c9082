// A verified request as it is kept: whole enough to be translated again, and without anything that could be a secret.
import { isUtf8 } from 'node:buffer';
import type { WebhookRequest } from '../../adapters/inbound/inbound.ts';
import type { RawMessage } from '../../domain/inbound/events.ts';

/** Signatures are not secret, but they are of no use later. */
const NOT_KEPT = /authorization|cookie|signature|hmac|token|secret|password|key|forwarded|x-real-ip/i;
const HEADERS_MAX = 50;
const HEADER_LENGTH_MAX = 512;

/** An address may carry a secret behind its `?`. */
export function rawOf({ rawBody, headers, url }: WebhookRequest): RawMessage {
  const kept = [...headers].filter(([name, value]) => !NOT_KEPT.test(name) && value.length <= HEADER_LENGTH_MAX);
  const bytes = Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength);
  const encoding = isUtf8(bytes) ? 'utf8' : 'base64';
  const address = url.split('?')[0]!.slice(0, HEADER_LENGTH_MAX);
  return { url: address, headers: kept.slice(0, HEADERS_MAX), body: bytes.toString(encoding), encoding };
}

export function requestOf({ url, headers, body, encoding }: RawMessage): WebhookRequest {
  return { url, headers: new Headers(headers as [string, string][]), rawBody: Buffer.from(body, encoding) };
}
