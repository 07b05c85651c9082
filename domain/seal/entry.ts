// A seal: one signed line that says what the log was at a time. Kept outside the log, in a file that may be published: it
// shows hashes and times, no SKU and no figure. Each line names the one before it by hash, so none can be taken out unseen.
import { z } from 'zod';
import { CHAIN_GENESIS } from '../event-id.ts';
import type { RecordedEvent } from '../event-log.ts';

const sha256 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url');
const position = z.string().regex(/^(?:-1|0|[1-9]\d{0,19})$/, 'must be a position as a decimal number');

const common = {
  v: z.literal(1),
  /** From 1. */
  number: z.int().min(1),
  at: z.iso.datetime(),
  /** SHA-256 of the line before; of the first line `0`. */
  previous: z.union([sha256, z.literal(CHAIN_GENESIS)]),
  /** Id of the key that signed: SHA-256 of its public key, DER. */
  key: sha256,
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/, 'must be 64 bytes in base64url'),
};

export const SealEntry = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('seal'),
    ...common,
    /** Of the last event that is sealed, and of the one before it (`-1` for none). */
    position,
    before: position,
    /** Events from the first up to there. */
    count: z.int().min(1),
    /** Merkle root over the leaves of them, in log order. */
    root: sha256,
    /** The leaf of the last. */
    leaf: sha256,
    /** Roots of the tree's perfect subtrees: what the next seal goes on from. */
    peaks: z.array(sha256).min(1).max(53),
    /** Length of the witness file with this seal. */
    witnessBytes: z.int().min(1),
  }),
  z.strictObject({
    kind: z.literal('rotation'),
    ...common,
    /** The public key that signs from the next line on: SPKI, DER, in base64url. */
    next: z.string().regex(/^[A-Za-z0-9_-]{40,200}$/),
  }),
]);

export type SealEntry = z.infer<typeof SealEntry>;
export type Seal = Extract<SealEntry, { kind: 'seal' }>;
type Open<E> = E extends unknown ? Omit<E, 'v' | 'signature' | 'number' | 'previous' | 'key'> : never;
export type OpenEntry = Open<SealEntry>;

/** So that no signature made for something else passes for one of a seal. */
const SIGNED_FOR = 'evenstock seal 1\n';

/** What is signed: the line without its signature. */
export function signedText(body: string): string {
  return SIGNED_FOR + body;
}

/** The line of a body and its signature, and back. The bytes that were signed are kept, so spelling cannot matter. */
export function sealLine(body: string, signature: string): string {
  return `${body.slice(0, -1)},"signature":"${signature}"}`;
}

export function bodyOfLine(line: string): string {
  return line.replace(/,"signature":"[^"]*"\}$/, '}');
}

/** What a leaf is made of: the event's place in its stream and the hash over its content. Its place in the log is the leaf's place in the tree. */
export function leafText({ stream, revision }: Pick<RecordedEvent, 'stream' | 'revision'>, hash: string): string {
  return JSON.stringify([stream, revision, hash]);
}
