// A JSON document that an environment variable names, checked whole by its schema.
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { ConfigError } from './config.ts';

/** @throws ConfigError naming the variable, the file, and each field with its rule */
export async function readDocument<S extends z.ZodType>(
  variable: string,
  path: string,
  what: string,
  schema: S,
): Promise<z.output<S>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${variable}=${path} cannot be read: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(document)'}: ${issue.message}`);
  throw new ConfigError(`${variable}=${path} is not ${what}:\n${lines.join('\n')}`);
}
