// Secrets come from the environment, or from a file that the environment names (NAME_FILE, as containers mount them).
// They are read when they are needed, so a file can be replaced while the server runs, and never leave the adapter that
// asked: no event, log line, trace or error message holds one.
import { readFileSync } from 'node:fs';

export interface Secrets {
  /**
   * @throws MissingSecret naming the variables, never the value
   */
  secret(name: string): string;
}

export class MissingSecret extends Error {
  override readonly name = 'MissingSecret';
}

const LENGTH_MIN = 16;

export function secretsOf(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Secrets {
  const read = (name: string): string | undefined => {
    if (environment[name]) return environment[name];
    const path = environment[`${name}_FILE`];
    if (!path) return undefined;
    try {
      return readFile(path).trim();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      throw new MissingSecret(`the file that ${name}_FILE names cannot be read (${code})`);
    }
  };
  return {
    secret(name) {
      const secret = read(name);
      if (secret !== undefined && secret.length >= LENGTH_MIN) return secret;
      const what = secret === undefined ? 'set' : `give at least ${LENGTH_MIN} characters to`;
      throw new MissingSecret(`${what} the environment variable ${name} (or ${name}_FILE, the path of a file with it)`);
    },
  };
}
