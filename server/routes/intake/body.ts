// Reads a request body up to a limit and no further, whatever its length claims; and says what it claims to be.
// On Node it listens to the connection's own request (no web stream, no copy); elsewhere (tests) to the web one.
import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../../problems.ts';
import { type ApiContext, headerOf } from '../api.ts';

/** @throws HttpProblem `too-large`, or `invalid-parameter` when the sender broke off */
export function readBody(c: ApiContext, bytesMax: number): Promise<Buffer> {
  const length = headerOf(c, 'content-length');
  if (length !== undefined && Number(length) > bytesMax) throw tooLarge(bytesMax);
  const incoming = c.env?.incoming;
  if (incoming === undefined) return readWeb(c.req.raw, bytesMax);
  return readIncoming(incoming as IncomingMessage, bytesMax);
}

function readIncoming(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    const stop = () => {
      incoming.off('data', onData);
      incoming.off('end', onEnd);
      incoming.off('error', onBroken);
      incoming.off('close', onBroken);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytesMax) {
        stop();
        // Keep it flowing into nothing: a sender that is still writing then gets to read the answer.
        incoming.on('error', () => {}).resume();
        reject(tooLarge(bytesMax));
      } else if (first === undefined) first = chunk;
      else {
        more ??= [first];
        more.push(chunk);
      }
    };
    const onEnd = () => {
      stop();
      resolve(more === undefined ? (first ?? EMPTY) : Buffer.concat(more));
    };
    const onBroken = () => {
      stop();
      incoming.on('error', () => {});
      reject(new HttpProblem('invalid-parameter', 'The connection ended before the body did'));
    };
    incoming.on('data', onData);
    incoming.on('end', onEnd);
    incoming.on('error', onBroken);
    incoming.on('close', onBroken);
    if (incoming.destroyed) onBroken();
  });
}
const EMPTY = Buffer.alloc(0);

async function readWeb(request: Request, bytesMax: number): Promise<Buffer> {
  if (request.body === null) return EMPTY;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    size += chunk.length;
    if (size > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(bytesMax: number): HttpProblem {
  return new HttpProblem('too-large', `The body may have ${bytesMax} bytes at most`);
}

export type BodyFormat = 'json' | 'ndjson' | 'csv';

const FORMATS: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['text/csv', 'csv'],
]);

/**
 * The format of the body. Parameters are ignored but for a charset, which can only be UTF-8.
 * @throws HttpProblem `unsupported-media-type`
 */
export function bodyFormat<F extends BodyFormat>(c: ApiContext, accepted: readonly F[]): F {
  const encoding = headerOf(c, 'content-encoding');
  if (encoding !== undefined && encoding !== 'identity') {
    throw unsupported(`Content-Encoding ${quoted(encoding)} is not supported: send the body as it is`);
  }
  const header = headerOf(c, 'content-type');
  if (header === 'application/json' && accepted.includes('json' as F)) return 'json' as F;
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';');
  const format = FORMATS.get(type.trim()) as F | undefined;
  if (format === undefined || !accepted.includes(format)) {
    const allowed = accepted.map((one) => TYPES[one]).join(' or ');
    throw unsupported(`The content type must be ${allowed}${header === undefined ? '' : `, not ${quoted(header)}`}`);
  }
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) throw unsupported('The charset must be UTF-8');
  return format;
}

/** How each is best sent. */
const TYPES: Readonly<Record<BodyFormat, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
};

function unsupported(detail: string): HttpProblem {
  return new HttpProblem('unsupported-media-type', detail, undefined, { accept: 'application/json' });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
