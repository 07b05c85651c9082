// Fetches Shopify's own description of its Admin API (introspection of the version we speak) out of a package that Shopify
// publishes, without installing that package: `node test/support/shopify/fetch-schema.ts`. Kept in .cache/shopify.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCHEMA_FILE, SCHEMA_FOLDER } from './schema-file.ts';

const PACKAGE = '@shopify/dev-mcp@1.16.0';
const TIMEOUT_MS = 120_000;

export function fetchSchema(): string {
  const file = join(SCHEMA_FOLDER, SCHEMA_FILE);
  if (existsSync(file)) return file;
  mkdirSync(SCHEMA_FOLDER, { recursive: true });
  const room = mkdtempSync(join(tmpdir(), 'shopify-schema-'));
  try {
    const options = { cwd: room, timeout: TIMEOUT_MS };
    const packed = execFileSync('npm', ['pack', '--silent', PACKAGE], options).toString();
    const tarball = packed.trim().split('\n').at(-1)!;
    execFileSync('tar', ['xzf', tarball, `package/dist/data/${SCHEMA_FILE}`], options);
    // Beside its place first: two runs at once leave one whole file.
    const beside = `${file}.${process.pid}`;
    execFileSync('cp', [join(room, 'package/dist/data', SCHEMA_FILE), beside]);
    renameSync(beside, file);
    return file;
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(fetchSchema());
