// The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header): for 24 h the same key and request get the
// first answer again. A courtesy, bounded in entries and bytes, forgotten at a restart: the truth is the command id.
// An answer that asks to send the same again is not kept.
import { hash } from 'node:crypto';
import { type Clock, DAY, type Instant } from '../../../domain/time.ts';
import { HttpProblem, problemResponse } from '../../problems.ts';

export interface StoredAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Turn =
  | { readonly replay: StoredAnswer }
  /** Ours to answer. `finish` must be called: with the answer to keep it, with nothing to let the key go. */
  | { readonly finish: (answer: StoredAnswer | undefined) => void };

export interface IdempotencyStore {
  /** @throws HttpProblem `idempotency-key-reused` (422) or `idempotency-in-flight` (409) */
  begin(client: string, key: string, fingerprint: string): Turn;
  size(): { readonly entries: number; readonly bytes: number };
}

interface Entry {
  readonly fingerprint: string;
  readonly expiresAt: Instant;
  readonly bytes: number;
  /** Undefined while the first request is in flight. */
  readonly answer: StoredAnswer | undefined;
}

const ENTRY_OVERHEAD_BYTES = 400;
const KEPT_MS = DAY;

export function createIdempotencyStore(entriesMax: number, bytesMax: number, clock: Clock): IdempotencyStore {
  // In order of use: the first is the least recently used.
  const entries = new Map<string, Entry>();
  const inFlight = new Map<string, string>();
  let bytes = 0;

  const remove = (name: string, entry: Entry) => {
    entries.delete(name);
    bytes -= entry.bytes;
  };
  const keep = (name: string, fingerprint: string, answer: StoredAnswer) => {
    const size = 2 * (answer.body.length + name.length) + ENTRY_OVERHEAD_BYTES;
    if (size > bytesMax) return;
    entries.set(name, { fingerprint, answer, bytes: size, expiresAt: clock.now() + KEPT_MS });
    bytes += size;
    for (const [oldest, entry] of entries) {
      if (entries.size <= entriesMax && bytes <= bytesMax) break;
      remove(oldest, entry);
    }
  };

  return {
    size: () => ({ entries: entries.size, bytes }),
    begin(client, key, fingerprint) {
      const name = `${client}\n${key}`;
      const running = inFlight.get(name);
      if (running !== undefined) {
        if (running !== fingerprint) throw reused();
        const detail = 'The first request with this key has not been answered yet';
        throw new HttpProblem('idempotency-in-flight', detail, { retryAfterMs: 1_000 });
      }
      const entry = entries.get(name);
      if (entry !== undefined) {
        if (clock.now() < entry.expiresAt) {
          if (entry.fingerprint !== fingerprint) throw reused();
          entries.delete(name);
          entries.set(name, entry);
          return { replay: entry.answer! };
        }
        remove(name, entry);
      }
      if (inFlight.size >= entriesMax) {
        throw new HttpProblem('overloaded', 'Too many requests with an Idempotency-Key are in flight', {
          retryAfterMs: 1_000,
        });
      }
      inFlight.set(name, fingerprint);
      return {
        finish(answer) {
          inFlight.delete(name);
          if (answer !== undefined) keep(name, fingerprint, answer);
        },
      };
    },
  };
}

function reused(): HttpProblem {
  return new HttpProblem('idempotency-key-reused', 'This key came with another request before; take a new key');
}

/** What makes two requests the same: where they go, what they are and every byte. */
export function fingerprintOf(path: string, format: string, body: Buffer): string {
  return `${path} ${format} ${hash('sha256', body, 'base64url')}`;
}

const KEY = /^[\x21-\x7e]{1,128}$/;

/** The key in a header: as it is, or as the draft's quoted string. @throws HttpProblem `invalid-parameter` */
export function parseIdempotencyKey(header: string): string {
  const key = /^".*"$/.test(header) ? header.slice(1, -1) : header;
  if (KEY.test(key)) return key;
  const message = 'must be 1 to 128 printable ASCII characters without spaces';
  throw new HttpProblem('invalid-parameter', `Idempotency-Key ${message}`, {
    errors: [{ path: 'Idempotency-Key', rule: 'format', message }],
  });
}

/** Answers through the store: the first time by `answer`, after that from memory. */
export async function answerOnce(
  store: IdempotencyStore,
  client: string,
  header: string,
  fingerprint: string,
  answer: () => Promise<Response>,
): Promise<Response> {
  const turn = store.begin(client, parseIdempotencyKey(header), fingerprint);
  if ('replay' in turn) {
    const { status, contentType, body } = turn.replay;
    return new Response(body, { status, headers: { 'content-type': contentType, 'idempotency-replayed': 'true' } });
  }
  let kept: StoredAnswer | undefined;
  try {
    const response = await answer().catch((error: unknown) => {
      if (error instanceof HttpProblem) return problemResponse(error.problem, error.headers);
      throw error;
    });
    const contentType = response.headers.get('content-type') ?? 'application/json';
    const headers = Object.fromEntries(response.headers);
    const body = await response.text();
    // 503, 409 conflict and the like carry Retry-After: the same again may then go better.
    if (response.status < 500 && headers['retry-after'] === undefined) {
      kept = { status: response.status, contentType, body };
    }
    return new Response(body, { status: response.status, headers });
  } finally {
    turn.finish(kept);
  }
}
