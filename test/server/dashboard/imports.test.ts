// What the page tells the browser to fetch at once: all that the first page needs, and nothing that it does not.
import { describe, expect, it } from 'vitest';
import { readAssets } from '../../../server/dashboard/assets.ts';
import { importsOf, neededBy } from '../../../server/dashboard/imports.ts';
import { dashboardPage } from '../../../server/dashboard/page.ts';
import { parseModule } from '../../support/source-tree.ts';

const FOLDER = 'server/dashboard/browser/';

describe('the modules that a module needs', () => {
  it('are those it imports however that is written, but not those it imports later', () => {
    const text = [
      "import { a } from './a.ts';",
      'import {\n  b,\n  c,\n} from "../shell/b.ts";',
      "import '../c.ts';",
      "export { d } from './deep/d.ts';",
      'import{h as r}from"preact";import e from"htm";export{r as html};',
      "const later = () => import('./later.ts');",
      "export const from = 'nothing', text = `import x`;",
      "say('import y'); export function f() { return 'from'; }",
    ].join('\n');
    const libraries = { preact: 'library/preact.js', htm: 'library/htm.js' };
    expect(importsOf('pages/x.ts', text, libraries)).toEqual([
      ...['pages/a.ts', 'shell/b.ts', 'c.ts', 'pages/deep/d.ts', 'library/preact.js', 'library/htm.js'],
    ]);
  });

  it('are found in all our modules as the parser of the architecture finds them', async () => {
    const { files, imports, libraries } = await readAssets();
    const later: string[] = [];
    for (const name of imports.keys()) {
      if (name.startsWith('library/')) continue;
      const text = new TextDecoder().decode(files.get(name)!.body);
      const { valueImports } = parseModule({ path: `${FOLDER}${name}`, text });
      const parsed = valueImports.map((to) => libraries[to] ?? to.replace(FOLDER, ''));
      const found = imports.get(name)!;
      expect(parsed, name).toEqual(expect.arrayContaining([...found]));
      later.push(...parsed.filter((to) => !found.includes(to)));
    }
    const isFetchedLater = (to: string) => /^pages\/\w+\.ts$/.test(to) || to === 'library/uplot.js';
    expect(later.filter((to) => !isFetchedLater(to))).toEqual([]);
    expect(later).toContain('pages/cases.ts');
  });

  it('of the first page are named to the browser, each a file, and none of another page', async () => {
    const assets = await readAssets();
    const { html } = dashboardPage(assets);
    const named = [...html.matchAll(/modulepreload" href="\/dashboard\/[^/]+\/([^"]+)"/g)].map(([, name]) => name!);
    expect(named).toEqual(expect.arrayContaining(['main.ts', 'pages/overview.ts', 'api/live.ts', 'library/preact.js']));
    expect(named.filter((name) => !assets.files.has(name))).toEqual([]);
    expect(named.filter((name) => name.startsWith('pages/') && !/^pages\/overview[./]/.test(name))).toEqual([]);
    expect(neededBy(named, assets.imports)).toHaveLength(named.length);
  });
});
