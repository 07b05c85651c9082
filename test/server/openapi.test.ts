// The contract: the document says what the app does, the committed one is current, and a change that would break a
// client is found. After an intended change:
//   UPDATE_OPENAPI=1 vitest run test/server/openapi.test.ts && biome format --write docs/openapi.json
// What a version promised for ever is frozen beside it (docs/api-versions.md); only until it is released may it be again:
//   FREEZE_OPENAPI=1 vitest run test/server/openapi.test.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { API_VERSIONS, newestOf } from '../../server/api-versions/versions.ts';
import { PROBLEMS } from '../../server/problems.ts';
import { openApiDocument } from '../../server/routes/openapi/document.ts';
import { breakingChanges } from './support/breaking-changes.ts';
import { shop } from './support/shop.ts';

const COMMITTED = new URL('../../docs/openapi.json', import.meta.url);
const API_DOC = new URL('../../docs/api.md', import.meta.url);
const current = JSON.parse(JSON.stringify(openApiDocument())) as Document;
type Document = Parameters<typeof breakingChanges>[0];

if (process.env['UPDATE_OPENAPI'] === '1') {
  const before = JSON.parse(readFileSync(COMMITTED, 'utf8')) as Document;
  const breaking = breakingChanges(before, current);
  if (breaking.length > 0 && process.env['ALLOW_BREAKING'] !== '1') {
    throw new Error(`This breaks clients; ALLOW_BREAKING=1 if it is meant:\n${breaking.join('\n')}`);
  }
  writeFileSync(COMMITTED, `${JSON.stringify(current, null, 2)}\n`);
}

if (process.env['FREEZE_OPENAPI'] === '1') {
  const frozen = new URL(`../../docs/openapi/${newestOf(API_VERSIONS)}.json`, import.meta.url);
  writeFileSync(frozen, `${JSON.stringify(current)}\n`);
}

test('the committed document is the one this code makes, and breaks no client', () => {
  const committed = JSON.parse(readFileSync(COMMITTED, 'utf8')) as Document;
  expect(breakingChanges(committed, current)).toEqual([]);
  expect(current, 'run UPDATE_OPENAPI=1 vitest run test/server/openapi.test.ts').toEqual(committed);
});

test('every route is documented and every documented path is a route', () => {
  const undocumented = /^\/($|dashboard|docs|openapi\.json|problems)/;
  const routes = shop()
    .app.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    .filter((route) => !undocumented.test(route.split(' ')[1]!));
  const documented = Object.entries(current.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual(routes.sort());
});

test('every reference leads somewhere', () => {
  const { schemas } = current.components;
  const references = [...JSON.stringify(current).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(50);
  for (const [, name] of references) expect(Object.keys(schemas)).toContain(name);
});

test('every problem has a row in docs/api.md with its status', () => {
  const text = readFileSync(API_DOC, 'utf8');
  for (const [name, [status]] of Object.entries(PROBLEMS)) expect(text).toContain(`| \`${name}\` | ${status} |`);
});

type Mutable = Record<string, unknown> & { [name: string]: Mutable };
const assign = ({ components }: Mutable, schema: string, key: string, value: unknown) => {
  components!['schemas']![schema]![key] = value as Mutable;
};

describe('a breaking change is found', () => {
  const planted: readonly (readonly [string, (document: Mutable) => void, RegExp])[] = [
    ['a path gone', ({ paths }) => void delete paths!['/v1/sources'], /\/v1\/sources.*gone/],
    ['a method gone', ({ paths }) => void delete paths!['/v1/commands']!['post'], /post \/v1\/commands.*gone/],
    ['an answer gone', ({ paths }) => void delete paths!['/v1/events']!['get']!['responses']!['200'], /200.*gone/],
    [
      'a parameter gone',
      ({ paths }) => {
        const get = paths!['/v1/events']!['get']! as unknown as { parameters: { name: string }[] };
        get.parameters = get.parameters.filter(({ name }) => name !== 'limit');
      },
      /limit.*gone/,
    ],
    [
      'a field required',
      ({ components }) => {
        const source = components!['schemas']!['Source'] as unknown as { required: string[] };
        source.required.push('sequence');
      },
      /Source.*sequence.*required/,
    ],
    [
      'an answer field gone',
      ({ components }) => void delete components!['schemas']!['CommandAnswer']!['properties']!['position'],
      /position.*gone/,
    ],
    [
      'an answer field optional',
      ({ components }) => {
        const answer = components!['schemas']!['StockFigures'] as unknown as { required: string[] };
        answer.required = answer.required.filter((name) => name !== 'available');
      },
      /available.*no longer always/,
    ],
    ['a type changed', (document) => assign(document, 'Quantity', 'type', 'string'), /Quantity.*type/],
    ['a limit tightened', (document) => assign(document, 'Quantity', 'maximum', 10), /Quantity.*maximum/],
    ['a pattern changed', (document) => assign(document, 'Sku', 'pattern', '^A$'), /Sku.*pattern/],
    [
      'a command gone',
      ({ components }) => {
        const command = components!['schemas']!['StockCommand'] as unknown as { oneOf: unknown[] };
        command.oneOf.shift();
      },
      /StockCommand.*sale/,
    ],
  ];
  test.each(planted)('%s', (_, plant, expected) => {
    const changed = structuredClone(current) as unknown as Mutable;
    plant(changed);
    expect(breakingChanges(current, changed as unknown as Document).join('\n')).toMatch(expected);
  });

  test('what only adds breaks nothing', () => {
    const changed = structuredClone(current) as unknown as Mutable;
    changed['paths']!['/v1/new'] = {} as Mutable;
    changed['components']!['schemas']!['Source']!['properties']!['note'] = { type: 'string' } as unknown as Mutable;
    changed['components']!['schemas']!['CommandAnswer']!['properties']!['note'] = {
      type: 'string',
    } as unknown as Mutable;
    changed['components']!['schemas']!['Quantity']!['maximum'] = 2_000_000_000 as never;
    expect(breakingChanges(current, changed as unknown as Document)).toEqual([]);
  });
});

describe('the page', () => {
  test('loads nothing from elsewhere, and its policy forbids it', async () => {
    const { send } = shop();
    const page = await send('GET', '/docs', { key: null });
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*connect-src 'self'/);
    expect(html).not.toMatch(/https?:/);
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(parts.length).toBe(4);
    for (const path of parts) {
      const response = await send('GET', path, { key: null });
      expect(response.status).toBe(200);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
  });

  test('the document is served with an ETag', async () => {
    const { send } = shop();
    const response = await send('GET', '/openapi.json', { key: null });
    expect(await response.json()).toEqual(current);
    const headers = { 'if-none-match': response.headers.get('etag')! };
    expect((await send('GET', '/openapi.json', { key: null, headers })).status).toBe(304);
  });
});
