// Which modules a module cannot run without, so that the page can name them to the browser before it finds them out one
// inside the other. What is imported later, by `import()`, is none of these.

/** As our formatter and the libraries write them: `import … from '…'`, `import '…'`, `export … from '…'`. */
const STATEMENT = /(?<=^|;)(?:import|export)\b(?:[^'";]*?\bfrom)?\s*(['"])([^'"]+)\1/gm;

/** Names of files; `libraries`: what may be imported by name → name of the file. */
export function importsOf(name: string, text: string, libraries: Readonly<Record<string, string>>): readonly string[] {
  return [...text.matchAll(STATEMENT)].map(([, , to]) => libraries[to!] ?? resolved(to!, name));
}

/** These, and all that they need, each once: those that are needed directly first. */
export function neededBy(names: readonly string[], imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const needed = new Set(names);
  for (const name of needed) for (const to of imports.get(name) ?? []) needed.add(to);
  return [...needed];
}

function resolved(to: string, from: string): string {
  return new URL(to, `file:///${from}`).pathname.slice(1);
}
