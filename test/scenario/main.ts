// node test/scenario/main.ts: a trading day of a scaled retailer, once with the copies between systems that retailers have today, once
// with Evenstock between them. Prints both side by side and draws the picture. Not whole yet, and so without figures in the
// README: the ERP is a ledger in the one run and missing in the other, the web shop is Vendure's simulator, all tills post.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBatchWorld } from './batch-world.ts';
import { scriptOf, spansOfDay, speedsOfDay } from './day.ts';
import { openEvenstockWorld } from './evenstock-world.ts';
import { type DayTime, fastTime } from './fast-time.ts';
import { driftOf, resultOf } from './measured.ts';
import { picture } from './picture.ts';
import { playDay } from './play.ts';
import type { RunResult } from './result.ts';
import { causesTable, resultTable } from './result-table.ts';
import { createRetailer, FULL_SCALE } from './retailer.ts';
import { createTruth } from './truth.ts';
import type { World } from './world.ts';

const USAGE = `node test/scenario/main.ts [options]
  --seed <n>       another day (default 1)
  --seconds <n>    how long the day of 16 hours takes in each run, 30 to 3600 (default 480)
  --only <run>     copies or evenstock
  --out <folder>   where the picture and the figures go (default: scenario)
  --help`;

type Open = (retailer: ReturnType<typeof createRetailer>, time: DayTime) => Promise<World>;
const RUNS: Readonly<Record<string, Open>> = { copies: openBatchWorld, evenstock: openEvenstockWorld };

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '480' },
    only: { type: 'string' },
    out: { type: 'string', default: 'scenario' },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const isWrong = !(seconds >= 30 && seconds <= 3_600) || !Number.isSafeInteger(Number(values.seed));
if (values.help || isWrong || (values.only !== undefined && !(values.only in RUNS))) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 64);
}

const retailer = createRetailer(Number(values.seed), FULL_SCALE);
const script = scriptOf(retailer, FULL_SCALE);
const speeds = speedsOfDay(seconds);
const say = (text: string) => console.error(text);
say(
  `${retailer.stores.length} stores, ${retailer.articles.length} SKUs, ${script.length} happenings; the day passes ${Math.round(speeds[1]!.speed)} times faster in the busy hours, ${Math.round(speeds[0]!.speed)} times in the others`,
);
const results: RunResult[] = [];
for (const [name, open] of Object.entries(RUNS)) {
  if (values.only === undefined || values.only === name) results.push(await run(open));
}
process.stdout.write(`${resultTable(results)}\n${causesTable(results)}`);
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'day.svg'), picture(results, spansOfDay()));
writeFileSync(join(values.out, 'results.json'), `${JSON.stringify(results)}\n`);
say(`the picture is ${join(values.out, 'day.svg')}`);

async function run(open: Open): Promise<RunResult> {
  const truth = createTruth(retailer);
  const time = fastTime(speeds);
  const world = await open(retailer, time);
  try {
    await world.settle();
    say(`${world.name}: the shops are filled`);
    time.begin();
    const measures = await playDay(world, truth, script, time, (at, { accepted, oversold }) => {
      if (at % 120 === 0) say(`${world.name}: ${7 + at / 60}:00, ${accepted} orders, ${oversold} oversold`);
    });
    const drift = await driftOf(world, retailer, truth);
    for (const { system, units, lines } of drift)
      if (lines > 0) say(`${world.name}: ${system} differs by ${units} units in ${lines} lines`);
    return await resultOf(world, measures, drift);
  } finally {
    await world.close();
  }
}
