// The documents lead somewhere: every relative link in README and docs names a file that is there.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: ROOT })];

function deadLinks(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split('#')[0]!);
  return targets.filter(
    (target) => target !== '' && !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(document), target)),
  );
}

describe('documents', () => {
  it.each(DOCUMENTS)('%s has no dead link', (document) => {
    expect(deadLinks(document)).toEqual([]);
  });
});
