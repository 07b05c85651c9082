// The commands of a document and what it says they answer: blocks of `sh`, each with the block of `text` that follows it.
// A block with a word after `sh` is known by that name; the others are steps, in their order.

/** Lines in which `…` stands for anything. */
export type Expected = readonly string[];

export interface Step {
  readonly commands: string;
  readonly answers: Expected;
}

export function blocksOf(document: string): {
  readonly named: ReadonlyMap<string, Step>;
  readonly steps: readonly Step[];
} {
  const named = new Map<string, Step>();
  const steps: Step[] = [];
  for (const [, name = '', commands, answers = ''] of document.matchAll(
    /^```sh ?(\w*)\n([\s\S]*?)^```\n(?:```text\n([\s\S]*?)^```\n)?/gm,
  )) {
    const step = { commands: commands!, answers: answers.split('\n').filter((line) => line !== '') };
    if (name === '') steps.push(step);
    else named.set(name, step);
  }
  return { named, steps };
}

/** The expected lines that were not said, in their order, with what was said instead; empty: all were. */
export function misses(expected: Expected, said: string): readonly string[] {
  const lines = said.split('\n');
  let from = 0;
  for (const line of expected) {
    const pattern = new RegExp(
      `^${line
        .split('…')
        .map((part) => RegExp.escape(part))
        .join('.*')}`,
    );
    const found = lines.findIndex((one, n) => n >= from && pattern.test(one));
    if (found < 0) return [line, ...lines.slice(from)];
    from = found + 1;
  }
  return [];
}
