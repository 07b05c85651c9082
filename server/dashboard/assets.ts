// The files of the dashboard, made once when the first browser asks: the modules of browser/ with their types stripped in
// place (so there is no build step, and lines stay what they are), the libraries from the installed packages, one style.
// All lie under one version made of their contents, so browsers may keep them for ever and never mix two releases.
import { hash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { importsOf } from './imports.ts';

export interface Asset {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

export interface Assets {
  /** Changes with any byte of any file. */
  readonly version: string;
  /** By name below `/dashboard/<version>/`, such as `pages/overview.ts`. */
  readonly files: ReadonlyMap<string, Asset>;
  /** What browser code may import by name → name of the file. */
  readonly libraries: Readonly<Record<string, string>>;
  /** Module → the modules that it cannot run without, by the names of their files. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

/** All styles in one file: each request of a page costs it some 3 ms. */
export const STYLES = 'style.css';
export const ICON = 'style/icon.svg';

const BROWSER = new URL('browser/', import.meta.url);
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** Name for the browser → where Node finds it. uPlot names no entry for modules. */
const LIBRARIES: Readonly<Record<string, string>> = {
  preact: 'preact',
  'preact/hooks': 'preact/hooks',
  '@preact/signals': '@preact/signals',
  '@preact/signals-core': '@preact/signals-core',
  htm: 'htm',
  'htm/preact': 'htm/preact',
  uplot: 'uplot/dist/uPlot.esm.js',
};
const LIBRARY_STYLES = ['uplot/dist/uPlot.min.css'];

/** @throws Error when a library is not installed */
export async function readAssets(): Promise<Assets> {
  const libraries = Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, `library/${fileName(name)}.js`]));
  const modules: (readonly [name: string, text: string])[] = [];
  for (const [name, specifier] of Object.entries(LIBRARIES)) {
    modules.push([libraries[name]!, withoutSourceMap(await installed(specifier))]);
  }
  for (const path of own('ts')) modules.push([path, stripped(await readOwn(path))]);
  // Those of single pages come last, so that they may differ.
  const paths = own('css').sort((a, b) => Number(a.startsWith('pages/')) - Number(b.startsWith('pages/')));
  const styles = await Promise.all([...LIBRARY_STYLES.map(installed), ...paths.map(readOwn)]);
  const read = [
    ...modules.map(([name, text]) => [name, SCRIPT, text] as const),
    [STYLES, STYLE, styles.join('\n')] as const,
    [ICON, 'image/svg+xml', await readOwn(ICON)] as const,
  ];
  const version = hash('sha256', JSON.stringify(read), 'base64url').slice(0, 16);
  const files = new Map(await Promise.all(read.map(packed)));
  const imports = new Map(modules.map(([name, text]) => [name, importsOf(name, text, libraries)]));
  return { version, files, libraries, imports };
}

/** Paths of our files that end so, sorted. */
function own(ending: string): string[] {
  const paths = globSync(`**/*.${ending}`, { cwd: fileURLToPath(BROWSER) });
  return paths.map((path) => path.replaceAll('\\', '/')).sort();
}

function readOwn(path: string): Promise<string> {
  return readFile(new URL(path, BROWSER), 'utf8');
}

function fileName(library: string): string {
  return library.replace('@', '').replaceAll('/', '-');
}

async function installed(specifier: string): Promise<string> {
  return readFile(fileURLToPath(import.meta.resolve(specifier)), 'utf8');
}

/** The maps are not served: browsers would ask for them in vain. */
function withoutSourceMap(text: string): string {
  return text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}

/** Node runs this server by the same means; the warning that it is experimental would be noise in a server's log. */
function stripped(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

const compress = promisify(gzip);

async function packed([name, type, text]: readonly [string, string, string]): Promise<[string, Asset]> {
  const body = Buffer.from(text);
  return [name, { type, body, gzipped: await compress(body) }];
}
