// Are these lines what they say: signed by a trusted key, in order, none taken out? Trust begins with the public keys that
// somebody brings along and goes on by rotation: a line signed by the old key names the new one.
import { CHAIN_GENESIS } from '../event-id.ts';
import { bodyOfLine, SealEntry, signedText } from './entry.ts';

export interface PublicKey {
  /** SHA-256 of the DER, base64url. */
  readonly id: string;
  verifies(text: string, signature: string): boolean;
}

export interface SealKeys {
  /** @throws Error when it is no Ed25519 public key */
  publicKey(spkiDerBase64Url: string): PublicKey;
  /** base64url */
  sha256(text: string): string;
}

export interface SealFault {
  /** Line, from 1. */
  readonly line: number;
  readonly what: string;
}

/** What the next line goes on from. */
export interface EntriesEnd {
  readonly number: number;
  readonly hash: string;
  /** Of the key in force. */
  readonly key: string | undefined;
}

export interface EntryChecker {
  /** The entry in the next line. After a fault nothing more is to be asked: what follows a line that cannot be believed says nothing. */
  next(line: string): { readonly entry: SealEntry } | { readonly what: string };
  end(): EntriesEnd;
}

/** Before the first line any of the trusted keys may sign; then the one that signed, until it hands over. Holds one line's hash and key. */
export function entryChecker(trusted: readonly PublicKey[], keys: SealKeys): EntryChecker {
  let number = 0;
  let hash = CHAIN_GENESIS;
  let allowed = trusted;
  return {
    next(line) {
      const checked = checkLine(line, number + 1, hash, allowed, keys);
      if ('what' in checked) return checked;
      const { entry, by } = checked;
      allowed = [entry.kind === 'rotation' ? keys.publicKey(entry.next) : by];
      number += 1;
      hash = keys.sha256(line);
      return { entry };
    },
    end: () => ({ number, hash, key: number === 0 ? undefined : allowed[0]?.id }),
  };
}

function checkLine(
  line: string,
  number: number,
  previous: string,
  allowed: readonly PublicKey[],
  keys: SealKeys,
): { readonly entry: SealEntry; readonly by: PublicKey } | { readonly what: string } {
  const entry = parse(line);
  if ('what' in entry) return entry;
  if (entry.number !== number) return { what: `it is number ${entry.number}: lines were taken out or put in` };
  if (entry.previous !== previous)
    return { what: 'it does not follow the line before it, which was changed or taken out' };
  const by = allowed.find(({ id }) => id === entry.key);
  if (by === undefined) return { what: `it is signed with key ${entry.key}, which is not trusted here` };
  if (!by.verifies(signedText(bodyOfLine(line)), entry.signature)) {
    return { what: 'its signature does not fit: it was forged or changed' };
  }
  if (entry.kind === 'rotation') {
    try {
      keys.publicKey(entry.next);
    } catch {
      return { what: 'the key it hands over to is no Ed25519 public key' };
    }
  }
  return { entry, by };
}

function parse(line: string): SealEntry | { readonly what: string } {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { what: 'it is not JSON' };
  }
  const parsed = SealEntry.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return { what: `it is no seal: ${issue!.path.join('.') || 'the line'}: ${issue!.message}` };
}
