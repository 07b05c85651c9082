// API keys: what the keys file says, and the ring of keys made from it. A key is `evs_` and 32 random bytes;
// only its SHA-256 is ever stored, so the file gives nobody access. Two keys a client, so that one can be
// replaced while the other still works.
import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ChannelId, LocationId } from '../../domain/stock/stream.ts';
import type { Instant } from '../../domain/time.ts';

export const Scope = z
  .enum([
    'commands:write',
    'stock:read',
    'availability:read',
    'publishing:write',
    'events:read',
    'orders:read',
    'orders:write',
    'cases:read',
    'cases:write',
    'policy:read',
    'policy:write',
    'reconciliation:read',
    'reconciliation:write',
    'counts:read',
    'counts:write',
    'counts:approve',
    'transfers:read',
    'transfers:write',
    'signals:read',
    'identifiers:read',
    'identifiers:write',
    'webhooks:read',
    'webhooks:write',
    'metrics:read',
    'admin',
  ])
  .meta({ id: 'Scope', description: 'admin includes all others; location and channel limits still hold' });
export type Scope = z.infer<typeof Scope>;

const limitedTo = <T extends z.ZodType<string>>(id: T) => z.union([z.literal('all'), z.array(id).min(1).max(10_000)]);

const Key = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the key in 64 lower-case hex digits'),
  expiresAt: z.iso
    .datetime({ offset: true })
    .transform((text): Instant => Date.parse(text))
    .optional(),
  note: z.string().max(200).optional(),
});

const KeyHolder = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 ASCII letters, digits or . _ -'),
  scopes: z.array(Scope).min(1),
  locations: limitedTo(LocationId),
  channels: limitedTo(ChannelId),
  /** Commands and reads a second for this client; default: the server's limit. */
  ratePerSecond: z.int().min(1).max(10_000_000).optional(),
  keys: z.array(Key).min(1).max(2, 'two keys at most: the current one and the next'),
});

export const KeysDocument = z
  .strictObject({ version: z.literal(1), clients: z.array(KeyHolder).min(1).max(10_000) })
  .superRefine(({ clients }, context) => {
    const ids = new Set<string>();
    const hashes = new Set<string>();
    clients.forEach((client, c) => {
      const issue = (path: (string | number)[], message: string) =>
        context.addIssue({ code: 'custom', path: ['clients', c, ...path], message });
      if (ids.has(client.id)) issue(['id'], `${client.id} is defined twice`);
      ids.add(client.id);
      client.keys.forEach((key, k) => {
        if (hashes.has(key.sha256)) issue(['keys', k, 'sha256'], 'the same key is listed twice');
        hashes.add(key.sha256);
      });
    });
  });
export type KeysDocument = z.output<typeof KeysDocument>;

/** Who sent a request, and what they may do. */
export interface Client {
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly locations: ReadonlySet<string> | 'all';
  readonly channels: ReadonlySet<string> | 'all';
  readonly ratePerSecond?: number | undefined;
}

export interface HeldKey {
  readonly client: Client;
  readonly sha256: string;
  readonly expiresAt: Instant | undefined;
}

/** Keys by their hash. `replace` takes a new document whole, for a reload without a restart. */
export interface KeyRing {
  find(sha256: string): HeldKey | undefined;
  replace(document: KeysDocument): void;
}

export function createKeyRing(document: KeysDocument): KeyRing {
  let byHash = index(document);
  return {
    find: (sha256) => byHash.get(sha256),
    replace: (next) => {
      byHash = index(next);
    },
  };
}

function index(document: KeysDocument): ReadonlyMap<string, HeldKey> {
  const byHash = new Map<string, HeldKey>();
  for (const { id, scopes, locations, channels, ratePerSecond, keys } of document.clients) {
    const client: Client = {
      id,
      scopes: new Set(scopes),
      locations: locations === 'all' ? 'all' : new Set(locations),
      channels: channels === 'all' ? 'all' : new Set(channels),
      ratePerSecond,
    };
    for (const { sha256, expiresAt } of keys) byHash.set(sha256, { client, sha256, expiresAt });
  }
  return byHash;
}

const PREFIX = 'evs_';
/** `evs_` and 32 bytes in base64url. */
export const KEY_LENGTH = PREFIX.length + 43;

/** A new key. `bytes` is injected by tests and simulation. Show it once; store only `hashOfKey`. */
export function generateKey(bytes: () => Buffer = () => randomBytes(32)): string {
  return PREFIX + bytes().toString('base64url');
}

export function looksLikeKey(text: string): boolean {
  return text.length === KEY_LENGTH && text.startsWith(PREFIX);
}

export function hashOfKey(key: string): string {
  return hash('sha256', key, 'hex');
}
