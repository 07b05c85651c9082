// The architecture, held: what may import what, how long things may get, what names are banned. Each rule is first shown
// to see a planted violation (and to leave its good neighbour alone), then run over the whole tree.
import { describe, expect, it } from 'vitest';
import {
  bannedNames,
  barrels,
  circles,
  defaultExports,
  importsOutside,
  impurities,
  LAYERS,
  type Module,
  parseModule,
  readSources,
  tooLong,
  wrongDirections,
} from './support/source-tree.ts';

const LINES_MAX = { file: 300, function: 70 };
const modules = readSources([...LAYERS, 'test', 'bench']).map(parseModule);
const product = modules.filter(({ path }) => LAYERS.some((layer) => path.startsWith(`${layer}/`)));
const planted = (files: Record<string, string>): Module[] =>
  Object.entries(files).map(([path, text]) => parseModule({ path, text }));
const plant = (text: string, path = 'domain/x.ts'): Module => parseModule({ path, text });

describe('dependencies', () => {
  it('sees imports of values, of types, re-exports, dynamic ones and those over several lines', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from './b.ts';",
      "export * from './c.ts';",
      'import {',
      '  type D,',
      "} from '../d.ts';",
      "const e = await import('./e.ts');",
      "import 'node:fs';",
      "export type { F } from './f.ts';",
      'export const g = `import x from "./no.ts"`;',
    ].join('\n');
    const { imports, valueImports } = plant(text, 'domain/deep/x.ts');
    const here = (name: string) => `domain/deep/${name}.ts`;
    expect([...imports].sort()).toEqual([...['a', 'b', 'c', 'e', 'f'].map(here), 'domain/d.ts', 'node:fs'].sort());
    expect([...valueImports].sort()).toEqual([...['a', 'c', 'e'].map(here), 'domain/d.ts', 'node:fs'].sort());
  });

  it('go server → adapters → projections → domain, never back', () => {
    const back = planted({
      'domain/a.ts': "import type { B } from '../projections/b.ts';",
      'projections/b.ts': "import { c } from '../adapters/c.ts';",
      'adapters/c.ts': "import { d } from '../server/d.ts';",
      'server/d.ts': "import { c } from '../adapters/c.ts'; import { t } from '../test/t.ts';",
    });
    expect(wrongDirections(back)).toEqual([
      'domain/a.ts imports projections/b.ts',
      'projections/b.ts imports adapters/c.ts',
      'adapters/c.ts imports server/d.ts',
      'server/d.ts imports test/t.ts',
    ]);
    expect(wrongDirections(modules)).toEqual([]);
  });

  it('of the domain are zod, sorted-btree, xstate and the domain', () => {
    const bad = planted({
      'domain/a.ts': "import { z } from 'zod'; import tree from 'sorted-btree'; import { b } from './b.ts';",
      'domain/b.ts':
        "import { readFileSync } from 'node:fs'; import { Hono } from 'hono'; import x from '../adapters/x.ts';",
    });
    const allowed = ['zod', 'sorted-btree', 'xstate'];
    expect(importsOutside(bad, 'domain', allowed)).toEqual([
      'domain/b.ts imports node:fs',
      'domain/b.ts imports hono',
      'domain/b.ts imports adapters/x.ts',
    ]);
    expect(importsOutside(modules, 'domain', allowed)).toEqual([]);
  });

  it('make no circle, types included', () => {
    const round = planted({
      'domain/a.ts': "import { b } from './b.ts';",
      'domain/b.ts': "import type { C } from './c.ts';",
      'domain/c.ts': "import { a } from './a.ts';",
      'domain/d.ts': "import { a } from './a.ts';",
    });
    expect(circles(round)).toEqual(['domain/a.ts → domain/b.ts → domain/c.ts → domain/a.ts']);
    expect(circles(modules)).toEqual([]);
  });

  /** Words and arithmetic of the adapters, no implementation of a port: anybody in the server may use them. */
  const VOCABULARY = new Set(['adapters/telemetry/trace-context.ts', 'adapters/publishing/observe.ts']);
  const implementations = (all: readonly Module[]) =>
    all
      .filter(
        ({ path }) =>
          path.startsWith('server/') && !path.startsWith('server/wiring') && !path.startsWith('server/cli/'),
      )
      .flatMap(({ path, valueImports }) =>
        valueImports
          .filter((to) => to.startsWith('adapters/') && !VOCABULARY.has(to))
          .map((to) => `${path} imports ${to}`),
      );

  it('on implementations of ports are in the wiring alone', () => {
    const bad = planted({
      'server/wiring.ts': "import { openLog } from '../adapters/log.ts';",
      'server/cli/serve.ts': "import { openLog } from '../../adapters/log.ts';",
      'server/app.ts': "import type { Log } from '../adapters/log.ts';",
      'server/routes/x.ts': "import { openLog } from '../../adapters/log.ts';",
    });
    expect(implementations(bad)).toEqual(['server/routes/x.ts imports adapters/log.ts']);
    expect(implementations(modules)).toEqual([]);
  });
});

describe('browser code', () => {
  const FOLDER = 'server/dashboard/browser';
  const libraries = ['preact', 'htm', '@preact', 'uplot'];
  /** Of the server it may know shapes of answers, which are gone when it runs. */
  const outside = (all: readonly Module[]) =>
    importsOutside(all, FOLDER, [...libraries, 'zod']).filter((fault) => {
      const [path, to] = fault.split(' imports ') as [string, string];
      const isValue = all.find((module) => module.path === path)?.valueImports.includes(to);
      return isValue || !to.startsWith('server/routes/openapi/');
    });

  it('imports itself and its libraries, and of the server only types of answers', () => {
    const bad = planted({
      [`${FOLDER}/a.ts`]: "import { html } from 'htm/preact'; import { b } from './b.ts'; import Plot from 'uplot';",
      [`${FOLDER}/b.ts`]: [
        "import type { X } from '../../routes/openapi/x.ts';",
        "import { y } from '../../routes/openapi/y.ts';",
        "import type { Z } from '../../app.ts';",
        "import { readFile } from 'node:fs';",
      ].join('\n'),
    });
    const wrong = ['server/routes/openapi/y.ts', 'node:fs', 'server/app.ts'];
    expect(outside(bad).sort()).toEqual(wrong.map((to) => `${FOLDER}/b.ts imports ${to}`).sort());
    expect(outside(modules)).toEqual([]);
  });

  it('is imported by nobody but itself: the server hands it out as text', () => {
    const importers = (all: readonly Module[]) =>
      all.filter(
        ({ path, imports }) =>
          path.startsWith('server/') &&
          !path.startsWith(`${FOLDER}/`) &&
          imports.some((to) => to.startsWith(`${FOLDER}/`)),
      );
    expect(importers([plant("import { a } from './browser/a.ts';", 'server/dashboard/x.ts')])).toHaveLength(1);
    expect(importers(modules)).toEqual([]);
  });
});

describe('the domain', () => {
  it.each([
    ['Date.now()', 'Date.now'],
    ["Date['now']()", 'Date.now'],
    ['new Date()', 'new Date()'],
    ['Date()', 'Date()'],
    ['Math.random()', 'Math.random'],
    ['process.env.X', 'process'],
    ["fetch('x')", 'fetch'],
    ['performance.now()', 'performance'],
    ['crypto.randomUUID()', 'crypto'],
    ['setTimeout(f, 1)', 'setTimeout'],
    ['globalThis.Date', 'globalThis'],
  ])('may not use %s', (code, what) => {
    expect(impurities(plant(`\nexport const x = () => ${code};`))).toContain(`domain/x.ts:2 uses ${what}`);
  });

  it('uses no clock, chance, timer or environment', () => {
    expect(
      impurities(plant("export const x = new Date(0).toISOString() + Date.parse('x') + Math.max(1); // Date.now()")),
    ).toEqual([]);
    expect(product.filter(({ path }) => path.startsWith('domain/')).flatMap(impurities)).toEqual([]);
  });
});

describe('size', () => {
  const lines = (n: number) => 'f();\n'.repeat(n);

  it('is at most 300 lines a file and 70 a function', () => {
    const at = `export function f(): void {\n${lines(68)}}\n`;
    expect(tooLong(plant(at), LINES_MAX)).toEqual([]);
    expect(tooLong(plant(`\nexport const f = (): void => {\n${lines(69)}};\n`), LINES_MAX)).toEqual([
      'domain/x.ts:2 has a function of 71 lines',
    ]);
    expect(tooLong(plant(lines(300)), LINES_MAX)).toEqual([]);
    expect(tooLong(plant(lines(301)), LINES_MAX)).toEqual(['domain/x.ts has 301 lines']);
    expect(product.flatMap((module) => tooLong(module, LINES_MAX))).toEqual([]);
    const files = { ...LINES_MAX, function: Number.POSITIVE_INFINITY };
    // A `describe` is a function too: the tests are held to the length of files.
    expect(modules.flatMap((module) => tooLong(module, files))).toEqual([]);
  });
});

describe('exports and names', () => {
  it('are named: no default exports', () => {
    for (const bad of [
      'export default 1;',
      'const a = 1; export { a as default };',
      'export default function f() {}',
    ]) {
      expect(defaultExports(plant(bad)), bad).toEqual(['domain/x.ts has a default export']);
    }
    expect(defaultExports(plant('export const a = 1;'))).toEqual([]);
    expect(modules.flatMap(defaultExports)).toEqual([]);
  });

  it('come from where they are made: no barrels', () => {
    for (const bad of [
      "export * from './a.ts';",
      "export { a } from './a.ts';",
      "export type { A } from './a.ts';\n// more",
    ]) {
      expect(barrels(plant(bad)), bad).toEqual(['domain/x.ts only re-exports']);
    }
    for (const good of [
      "export { a } from './a.ts'; export const b = 1;",
      "import './a.ts';",
      'export interface A {}',
    ]) {
      expect(barrels(plant(good)), good).toEqual([]);
    }
    expect(modules.flatMap(barrels)).toEqual([]);
  });

  it('say something: no utils, helpers, types, misc or common', () => {
    const names = ['utils', 'util', 'helpers', 'helper', 'types', 'misc', 'common', 'index'];
    for (const name of names) expect(bannedNames({ path: `domain/${name}.ts`, text: '' }), name).toHaveLength(1);
    expect(bannedNames({ path: 'domain/utils/time.ts', text: '' })).toHaveLength(1);
    for (const name of ['event-types', 'stock-index', 'time'])
      expect(bannedNames({ path: `domain/${name}.ts`, text: '' })).toEqual([]);
    expect(modules.flatMap(bannedNames)).toEqual([]);
  });
});
