// The source tree as the architecture test sees it: every module parsed (types stripped in place, so lines stay what
// they are), its imports with their kind, and rules over modules that return what is wrong as text. Pure but for
// `readSources`, so that each rule can be shown to fail on a few planted lines.
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import { type AnyNode, type Node, type Program, parse } from 'acorn';
import { full } from 'acorn-walk';

export interface Source {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Module extends Source {
  readonly program: Program;
  /** What it imports or re-exports, types included: paths of other modules, or names of packages. */
  readonly imports: readonly string[];
  /** Those that are left at run time. */
  readonly valueImports: readonly string[];
}

export function readSources(folders: readonly string[]): Source[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { exclude: (path) => path.endsWith('node_modules') },
  )
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** `import … from 'x'` and `export … from 'x'` at the start of a line: sees those of types, which stripping takes away. */
const FROM = /^(?:import\s+(?:type\s+)?[\w\s{},*]*?|export\s+(?:type\s+)?[{*][\w\s{},*]*?)\bfrom\s*['"]([^'"]+)['"]/gm;

export function parseModule({ path, text }: Source): Module {
  const program = parse(stripTypeScriptTypes(text, { mode: 'strip' }), {
    ecmaVersion: 'latest',
    sourceType: 'module',
    locations: true,
    allowHashBang: true,
  });
  const valueImports = new Set<string>();
  full(program, (node) => {
    const from = importedBy(node as AnyNode);
    if (from !== undefined) valueImports.add(resolve(path, from));
  });
  const written = [...text.matchAll(FROM)].map((match) => resolve(path, match[1]!));
  return { path, text, program, imports: [...new Set([...valueImports, ...written])], valueImports: [...valueImports] };
}

function importedBy(node: AnyNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
      return node.source?.type === 'Literal' && typeof node.source.value === 'string' ? node.source.value : undefined;
    default:
      return undefined;
  }
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
}

export const LAYERS = ['domain', 'projections', 'adapters', 'server'] as const;

/** server → adapters → projections → domain, never back, and never into tests or benches. */
export function wrongDirections(modules: readonly Module[]): string[] {
  const rank = (path: string) => LAYERS.findIndex((layer) => path.startsWith(`${layer}/`));
  return modules.flatMap(({ path, imports }) =>
    imports
      .filter((to) => rank(path) >= 0 && (rank(to) > rank(path) || /^(test|bench)\//.test(to)))
      .map((to) => `${path} imports ${to}`),
  );
}

export function importsOutside(modules: readonly Module[], folder: string, packages: readonly string[]): string[] {
  return modules
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .flatMap(({ path, imports }) =>
      imports
        .filter((to) => !to.startsWith(`${folder}/`) && !packages.includes(to.split('/')[0]!))
        .map((to) => `${path} imports ${to}`),
    );
}

const AMBIENT = new Set(['process', 'fetch', 'performance', 'crypto', 'setTimeout', 'setInterval', 'setImmediate']);
const MORE_AMBIENT = new Set([
  'queueMicrotask',
  'globalThis',
  'global',
  'console',
  'navigator',
  'localStorage',
  'Buffer',
]);

/** Clocks, chance and the outside world, read where they should have been injected. */
export function impurities({ path, program }: Module): string[] {
  const found: string[] = [];
  const note = (node: Node, what: string) => found.push(`${path}:${node.loc!.start.line} uses ${what}`);
  full(program, (each) => {
    const node = each as AnyNode;
    if (node.type === 'Identifier' && (AMBIENT.has(node.name) || MORE_AMBIENT.has(node.name))) note(node, node.name);
    if (node.type === 'NewExpression' && isNamed(node.callee, 'Date') && node.arguments.length === 0)
      note(node, 'new Date()');
    if (node.type === 'CallExpression' && isNamed(node.callee, 'Date')) note(node, 'Date()');
    if (node.type !== 'MemberExpression') return;
    const property =
      node.property.type === 'Identifier' ? node.property.name : String((node.property as { value?: unknown }).value);
    if (isNamed(node.object, 'Date') && property === 'now') note(node, 'Date.now');
    if (isNamed(node.object, 'Math') && property === 'random') note(node, 'Math.random');
  });
  return found;
}

function isNamed(node: { readonly type: string }, name: string): boolean {
  return node.type === 'Identifier' && (node as { readonly name?: string }).name === name;
}

/** Circles of imports, types included, each once: `a → b → a`. */
export function circles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      found.push([...trail.slice(at), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const to of byPath.get(path)?.imports ?? []) if (byPath.has(to)) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const { path } of modules) visit(path, []);
  return found;
}

export function tooLong({ path, text, program }: Module, linesMax: { file: number; function: number }): string[] {
  const found: string[] = [];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > linesMax.file) found.push(`${path} has ${lines} lines`);
  full(program, (node) => {
    if (!/Function/.test(node.type)) return;
    const length = node.loc!.end.line - node.loc!.start.line + 1;
    if (length > linesMax.function) found.push(`${path}:${node.loc!.start.line} has a function of ${length} lines`);
  });
  return found;
}

export function defaultExports({ path, program }: Module): string[] {
  const named = (node: AnyNode) =>
    node.type === 'ExportNamedDeclaration' &&
    node.specifiers.some(({ exported }) => 'name' in exported && exported.name === 'default');
  return program.body.some((node) => node.type === 'ExportDefaultDeclaration' || named(node))
    ? [`${path} has a default export`]
    : [];
}

/** Files that only hand on what others export; of types too, which are gone from the parsed text. */
export function barrels({ path, text, program }: Module): string[] {
  const handsOn = /^export\b[^;'"]*\bfrom\s*['"]/m.test(text);
  const own = program.body.some(
    (node) => !/^(ImportDeclaration|ExportAllDeclaration)$/.test(node.type) && !('source' in node && node.source),
  );
  const ownTypes = /^(?:export )?(?:declare )?(?:interface|type)\s+\w+/m.test(text);
  return handsOn && !own && !ownTypes ? [`${path} only re-exports`] : [];
}

export function bannedNames({ path }: Source): string[] {
  return /(^|\/)(utils?|helpers?|types|misc|common|index|shared|lib)(\.ts$|\/)/.test(path)
    ? [`${path} says nothing`]
    : [];
}
