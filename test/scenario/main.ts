// npm run scenario: a trading day of a scaled retailer, once with the copies between systems that retailers have today, once
// with Evenstock between them. Prints both side by side and draws the picture. docs/scenario.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBatchWorld } from './batch-world.ts';
import { scriptOf, spansOfDay, speedsOfDay } from './day.ts';
import { openEvenstockWorld } from './evenstock-world.ts';
import { openBooks } from './open-books.ts';
import { picture } from './picture.ts';
import type { RunResult } from './result.ts';
import { reportText, withTable } from './result-table.ts';
import { createRetailer, FULL_SCALE } from './retailer.ts';
import { type OpenWorld, runDay } from './run.ts';

const USAGE = `npm run scenario -- [options]
  --seed <n>       another day (default 1)
  --seconds <n>    how long the day of 16 hours takes in each run, 30 to 14400 (default 240)
  --only <run>     copies or evenstock
  --out <folder>   where the picture and the figures go (default: scenario)
  --readme         puts them into README.md and docs/scenario.svg too; both runs
  --help`;

const RUNS: Readonly<Record<string, OpenWorld>> = { copies: openBatchWorld, evenstock: openEvenstockWorld };

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '240' },
    only: { type: 'string' },
    out: { type: 'string', default: 'scenario' },
    readme: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [seed, seconds] = [Number(values.seed), Number(values.seconds)];
const isWrong = !(seconds >= 30 && seconds <= 14_400) || !Number.isSafeInteger(seed);
const isUnknown = values.only !== undefined && (!(values.only in RUNS) || values.readme);
if (values.help || isWrong || isUnknown) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 64);
}

const retailer = createRetailer(seed, FULL_SCALE);
const script = scriptOf(retailer, FULL_SCALE);
const speeds = speedsOfDay(seconds);
const say = (text: string) => console.error(text);
const [quiet, busy] = speeds.map(({ speed }) => Math.round(speed));
const about = `Seed ${seed}: ${retailer.stores.length} stores, ${retailer.articles.length.toLocaleString('en')} SKUs, ${script.length.toLocaleString('en')} happenings. The day passes ${busy} times faster in the busy hours, ${quiet} times in the others.`;
say(about);
const results: RunResult[] = [];
for (const [name, open] of Object.entries(RUNS)) {
  if (values.only === undefined || values.only === name)
    results.push((await runDay(open, { retailer, script, speeds, openBooks, say })).result);
}
const text = reportText(about, results);
const drawn = picture(results, spansOfDay());
process.stdout.write(text);
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'day.svg'), drawn);
writeFileSync(join(values.out, 'results.json'), `${JSON.stringify(results)}\n`);
say(`the picture is ${join(values.out, 'day.svg')}`);
if (values.readme) {
  writeFileSync('docs/scenario.svg', drawn);
  const shown = `${text}\n![The day under both](docs/scenario.svg)\n`;
  writeFileSync('README.md', withTable(readFileSync('README.md', 'utf8'), shown));
}
