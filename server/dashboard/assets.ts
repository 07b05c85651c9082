// The files of the dashboard, made once when the first browser asks: the modules of browser/ with their types stripped in
// place (so there is no build step, and lines stay what they are), the libraries from the installed packages, the styles.
// All lie under one version made of their contents, so browsers may keep them for ever and never mix two releases.
import { hash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

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
}

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
const LIBRARY_STYLES: Readonly<Record<string, string>> = { 'library/uplot.css': 'uplot/dist/uPlot.min.css' };

/** @throws Error when a library is not installed */
export async function readAssets(): Promise<Assets> {
  const libraries = Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, `library/${fileName(name)}.js`]));
  const read: (readonly [name: string, type: string, text: string])[] = [];
  for (const [name, specifier] of Object.entries(LIBRARIES)) {
    read.push([libraries[name]!, SCRIPT, withoutSourceMap(await installed(specifier))]);
  }
  for (const [name, specifier] of Object.entries(LIBRARY_STYLES)) read.push([name, STYLE, await installed(specifier)]);
  const own = globSync('**/*.{ts,css,svg}', { cwd: fileURLToPath(BROWSER) });
  for (const path of own.map((path) => path.replaceAll('\\', '/')).sort()) {
    const text = await readFile(new URL(path, BROWSER), 'utf8');
    if (path.endsWith('.ts')) read.push([path, SCRIPT, stripped(text)]);
    else read.push([path, path.endsWith('.css') ? STYLE : 'image/svg+xml', text]);
  }
  const version = hash('sha256', JSON.stringify(read), 'base64url').slice(0, 16);
  return { version, libraries, files: new Map(await Promise.all(read.map(packed))) };
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
