// npm run rehearse -- <name>: plays an outage for real, against the product and simulators on a clock that runs faster, shows
// the curves and checks that nothing was lost. The playbooks are in docs/playbooks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { curves } from './curves.ts';
import { play } from './rehearsal.ts';
import { REHEARSALS } from './stories.ts';

const USAGE = `npm run rehearse -- <name> … [--all] [--out <folder>]
${REHEARSALS.map(({ name, title, minutes, speed }) => `  ${name.padEnd(22)} ${title} (${Math.round((minutes * 60) / speed)} s)`).join('\n')}
  --all           one after the other
  --out <folder>  where the pictures go (default: rehearsal)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    out: { type: 'string', default: 'rehearsal' },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !REHEARSALS.some((one) => one.name === name));
if (unknown.length > 0) console.error(`There is no rehearsal ${unknown.join(', ')}.\n`);
if (values.help || unknown.length > 0 || (positionals.length === 0 && !values.all)) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 64);
}

mkdirSync(values.out, { recursive: true });
let failed = 0;
for (const rehearsal of REHEARSALS.filter(({ name }) => values.all || positionals.includes(name))) {
  console.log(`\n${rehearsal.title} (${rehearsal.minutes} minutes, ${rehearsal.speed} times faster)`);
  const played = await play(rehearsal, (text) => console.log(`  ${text}`));
  const file = join(values.out, `${rehearsal.name}.svg`);
  writeFileSync(file, curves(played));
  for (const { what, holds, found } of played.checks)
    console.log(`  ${holds ? 'holds ' : 'BROKEN'}  ${what}: ${found}`);
  console.log(`  ${file}`);
  failed += played.checks.filter(({ holds }) => !holds).length;
}
process.exitCode = failed > 0 ? 1 : 0;
