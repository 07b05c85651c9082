// Who may call: resolves an Authorization header to a client, and a configuration to a way of authenticating.
// No answer says whether a key was unknown, expired or malformed. Headers that were verified are remembered (bounded,
// dropped with their key), because hashing and comparing would cost a hot request 6 % of its time.
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../domain/time.ts';
import {
  type Client,
  createKeyRing,
  generateKey,
  type HeldKey,
  hashOfKey,
  KEY_LENGTH,
  type KeyRing,
  type KeysDocument,
  looksLikeKey,
  type Scope,
} from './auth/keys.ts';
import { isLoopback } from './config.ts';
import { HttpProblem } from './problems.ts';

/** Resolves `Authorization: Bearer evs_…`. @throws HttpProblem `unauthenticated` */
export type Authenticate = (authorization: string | undefined) => Client;

const BEARER = 'bearer ';
const HEADER_LENGTH = BEARER.length + KEY_LENGTH;

const VERIFIED_MAX = 10_000;

export function createAuthenticator(ring: KeyRing, clock: Clock): Authenticate {
  const verified = new Map<string, HeldKey>();
  return (authorization) => {
    if (authorization === undefined) throw unauthenticated('Send Authorization: Bearer evs_…');
    let held = verified.get(authorization);
    // A reload of the keys file makes new entries: what was verified against an old one is verified again.
    if (held === undefined || ring.find(held.sha256) !== held) {
      verified.delete(authorization);
      held = verify(ring, authorization);
      if (held === undefined) throw unauthenticated('The API key is not valid');
      if (verified.size >= VERIFIED_MAX) verified.clear();
      verified.set(authorization, held);
    }
    if (held.expiresAt !== undefined && clock.now() >= held.expiresAt)
      throw unauthenticated('The API key is not valid');
    return held.client;
  };
}

function verify(ring: KeyRing, authorization: string): HeldKey | undefined {
  if (authorization.length !== HEADER_LENGTH) return undefined;
  if (authorization.slice(0, BEARER.length).toLowerCase() !== BEARER) return undefined;
  const key = authorization.slice(BEARER.length);
  if (!looksLikeKey(key)) return undefined;
  const sha256 = hashOfKey(key);
  // The ring compares hashes, of which a sender cannot choose a prefix; the comparison after it takes constant time.
  const held = ring.find(sha256);
  const isSame = held !== undefined && timingSafeEqual(Buffer.from(held.sha256), Buffer.from(sha256));
  return isSame ? held : undefined;
}

function unauthenticated(detail: string): HttpProblem {
  return new HttpProblem('unauthenticated', detail);
}

export function hasScope(client: Client, scope: Scope): boolean {
  return client.scopes.has(scope) || client.scopes.has('admin');
}

export function mayUseLocation(client: Pick<Client, 'locations'>, location: string): boolean {
  return client.locations === 'all' || client.locations.has(location);
}

export function mayUseChannel(client: Pick<Client, 'channels'>, channel: string): boolean {
  return client.channels === 'all' || client.channels.has(channel);
}

/** @throws HttpProblem `forbidden` */
export function requireScope(client: Client, scope: Scope): void {
  if (!hasScope(client, scope)) throw new HttpProblem('forbidden', `This needs a key with the scope ${scope}`);
}

/** @throws HttpProblem `forbidden` */
export function requireLocation(client: Client, location: string): void {
  if (!mayUseLocation(client, location)) {
    throw new HttpProblem('forbidden', `This key is limited to other locations than ${location}`);
  }
}

/** @throws HttpProblem `forbidden` */
export function requireChannel(client: Client, channel: string): void {
  if (!mayUseChannel(client, channel)) {
    throw new HttpProblem('forbidden', `This key is limited to other channels than ${channel}`);
  }
}

const EVERYTHING: Pick<Client, 'scopes' | 'locations' | 'channels'> = {
  scopes: new Set<Scope>(['admin']),
  locations: 'all',
  channels: 'all',
};

export interface Access {
  readonly authenticate: Authenticate;
  /** `keys`: from the keys file · `generated`: one key made at this start · `open`: no key asked. */
  readonly mode: 'keys' | 'generated' | 'open';
  /** To be printed once at the start. */
  readonly notice?: string;
  /** With mode `keys`: takes a changed keys file. */
  readonly ring?: KeyRing;
}

interface AccessSettings {
  readonly host: string;
  readonly insecureNoAuth: boolean;
}

/**
 * How this server authenticates. With a keys file: its keys. Without one, on loopback: one key made now and shown
 * once. Without one on any other address it does not start, unless told in so many words to ask for no key.
 * @throws Error saying what to set
 */
export function resolveAccess(
  settings: AccessSettings,
  keys: KeysDocument | undefined,
  clock: Clock,
  newKey: () => string = generateKey,
): Access {
  if (keys !== undefined && settings.insecureNoAuth) {
    throw new Error('KEYS_FILE and EVENSTOCK_INSECURE_NO_AUTH=1 exclude each other: unset one of them');
  }
  if (keys !== undefined) {
    const ring = createKeyRing(keys);
    return { mode: 'keys', authenticate: createAuthenticator(ring, clock), ring };
  }
  if (settings.insecureNoAuth) {
    const anybody: Client = { id: 'anonymous', ...EVERYTHING };
    const where = isLoopback(settings.host) ? 'on this machine' : `who can reach ${settings.host}`;
    const notice = `INSECURE: no API key is asked; everybody ${where} may read and write everything`;
    return { mode: 'open', authenticate: () => anybody, notice };
  }
  if (!isLoopback(settings.host)) {
    throw new Error(
      `HOST=${settings.host} is reachable from other machines: set KEYS_FILE (see docs/api.md, "API keys"), ` +
        'or EVENSTOCK_INSECURE_NO_AUTH=1 to ask for no key at all',
    );
  }
  const key = newKey();
  const ring = createKeyRing({
    version: 1,
    clients: [
      { id: 'local', scopes: ['admin'], locations: 'all', channels: 'all', keys: [{ sha256: hashOfKey(key) }] },
    ],
  });
  const notice = `No KEYS_FILE: this API key is valid until the server stops, and is shown only now: ${key}`;
  return { mode: 'generated', authenticate: createAuthenticator(ring, clock), notice };
}
