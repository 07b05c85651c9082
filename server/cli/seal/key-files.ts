// Keys of seals as files: the private one for its owner alone, the public one for whoever verifies.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateSigningKey, publicKeyOfPem, type SigningKey, signingKey } from '../../../adapters/seals/signing.ts';
import type { PublicKey } from '../../../domain/seal/entry-checker.ts';
import { ConfigError } from '../../config.ts';

/** Never overwrites: a key that is lost signs nothing any more. @throws ConfigError */
export function makeKeyFiles(path: string): { readonly id: string; readonly publicPath: string } {
  const publicPath = `${path.replace(/\.pem$/, '')}.pub.pem`;
  for (const file of [path, publicPath]) if (existsSync(file)) throw new ConfigError(`${file} is there already`);
  const { privatePem, publicPem } = generateSigningKey();
  writeFileSync(path, privatePem, { mode: 0o600, flag: 'wx', flush: true });
  writeFileSync(publicPath, publicPem, { flag: 'wx', flush: true });
  return { id: publicKeyOfPem(publicPem).id, publicPath };
}

/** @throws ConfigError naming the file and what is wrong with it */
export function readSigningKey(path: string): SigningKey {
  return readPem(path, signingKey);
}

/** @throws ConfigError naming the file and what is wrong with it */
export function readPublicKey(path: string): PublicKey {
  return readPem(path, publicKeyOfPem);
}

function readPem<T>(path: string, read: (pem: string) => T): T {
  try {
    return read(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`the key ${path} cannot be used: ${(error as Error).message}`);
  }
}
