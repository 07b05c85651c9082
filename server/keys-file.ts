// The file of API keys: their SHA-256 hashes, never the keys themselves.
import { readFile } from 'node:fs/promises';
import { KeysDocument } from './auth/keys.ts';
import { ConfigError } from './config.ts';

/** @throws ConfigError naming the file, the field and the rule */
export async function readKeysFile(path: string | undefined): Promise<KeysDocument | undefined> {
  if (path === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`KEYS_FILE=${path} cannot be read: ${(error as Error).message}`);
  }
  const parsed = KeysDocument.safeParse(json);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(document)'}: ${issue.message}`);
  throw new ConfigError(`KEYS_FILE=${path} is not valid:\n${lines.join('\n')}`);
}
