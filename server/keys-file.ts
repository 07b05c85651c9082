// The file of API keys: their SHA-256 hashes, never the keys themselves.
import { KeysDocument } from './auth/keys.ts';
import { readDocument } from './document-file.ts';

/** @throws ConfigError naming the file, the field and the rule */
export async function readKeysFile(path: string | undefined): Promise<KeysDocument | undefined> {
  return path === undefined ? undefined : readDocument('KEYS_FILE', path, 'valid', KeysDocument);
}
