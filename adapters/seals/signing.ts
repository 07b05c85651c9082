// Ed25519 (RFC 8032) by node:crypto: keys as PEM files, signatures and key ids as base64url.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { PublicKey, SealKeys } from '../../domain/seal/entry-checker.ts';
import type { Sha256 } from '../../domain/seal/merkle-tree.ts';

/** A key file that cannot be used. The message is for people and shows nothing of the key. */
export class KeyUnusable extends Error {
  override readonly name = 'KeyUnusable';
}

export interface SigningKey {
  readonly public: PublicKey;
  /** SPKI, DER, in base64url. */
  readonly spki: string;
  sign(text: string): string;
}

export function generateSigningKey(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** @throws KeyUnusable */
export function signingKey(privatePem: string): SigningKey {
  const key = ed25519(() => createPrivateKey(privatePem), 'no private key in PEM (evenstock seal keygen makes one)');
  const publicKey = createPublicKey(key);
  return {
    public: publicOf(publicKey),
    spki: spkiOf(publicKey).toString('base64url'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
}

/** @throws KeyUnusable */
export function publicKeyOfPem(pem: string): PublicKey {
  // A private key would be taken too, and must not lie where public ones do.
  if (pem.includes('PRIVATE KEY')) throw new KeyUnusable('it is a private key: give the public one');
  return publicOf(ed25519(() => createPublicKey(pem), 'no public key in PEM'));
}

export const sealKeys: SealKeys = {
  publicKey: (spki) =>
    publicOf(
      ed25519(
        () => createPublicKey({ key: Buffer.from(spki, 'base64url'), type: 'spki', format: 'der' }),
        'no public key',
      ),
    ),
  sha256: (text) => hash('sha256', text, 'base64url'),
};

export const sha256: Sha256 = (...parts) =>
  hash('sha256', parts.length === 1 ? parts[0]! : Buffer.concat(parts), 'buffer');

function ed25519(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new KeyUnusable(what);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new KeyUnusable(`a key of kind ${key.asymmetricKeyType}, not Ed25519`);
  return key;
}

function publicOf(key: KeyObject): PublicKey {
  return {
    id: hash('sha256', spkiOf(key), 'base64url'),
    verifies: (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url')),
  };
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
