#!/usr/bin/env node
// `npm run simulate`: runs the retailer from seeds. A seed that breaks a promise prints what broke, the end of its trace and
// the command that repeats it; the exit code is then 1. See docs/simulation.md.
import { parseArgs } from 'node:util';
import { runJobs, type Summary } from './jobs.ts';
import { PLANTS, type PlantName } from './plant.ts';
import { failureText, outcomeText } from './report.ts';
import { simulate } from './simulate.ts';
import { MARKS, type Mark } from './trace.ts';

const HELP = `Usage: npm run simulate -- [options]

  --seed <n>        one seed (default 1)
  --seeds <a>..<b>  many, both ends included
  --jobs <n>        processes to share the seeds among, 1 to 64 (default 1)
  --steps <n>       steps of trading, 1 to 100000 (default: 500 to 700, as the seed says)
  --trace           print the whole trace of every run, not only the end of one that fails
  --plant <name>    plant a bug: ${Object.keys(PLANTS).join(' | ')}
  --help            this text

Exit code: 0 all promises held, 1 one was broken, 2 the options make no sense.
`;
const STEPS_MAX = 100_000;
const JOBS_MAX = 64;

interface Run {
  readonly from: number;
  readonly to: number;
  readonly steps: number | undefined;
  readonly plant: PlantName | undefined;
  readonly trace: boolean;
  readonly jobs: number;
}

function readOptions(): Run | string {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      steps: { type: 'string' },
      trace: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '1' },
      plant: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return HELP;
  const range = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(values.seeds ?? values.seed ?? '1');
  if (range === null) throw new Error('--seed takes a number, --seeds two as in 1..200');
  const from = Number(range[1]);
  const to = Number(range[2] ?? range[1]);
  if (to < from) throw new Error(`--seeds ${values.seeds}: the second must not be less than the first`);
  const steps = values.steps === undefined ? undefined : Number(values.steps);
  if (steps !== undefined && !(Number.isInteger(steps) && steps >= 1 && steps <= STEPS_MAX)) {
    throw new Error(`--steps takes a whole number from 1 to ${STEPS_MAX}`);
  }
  if (values.plant !== undefined && !(values.plant in PLANTS)) {
    throw new Error(`--plant ${values.plant}: there is ${Object.keys(PLANTS).join(', ')}`);
  }
  const jobs = Number(values.jobs);
  if (!(Number.isInteger(jobs) && jobs >= 1 && jobs <= JOBS_MAX))
    throw new Error(`--jobs takes a whole number from 1 to ${JOBS_MAX}`);
  if (jobs > 1 && values.trace) throw new Error('--trace is for one job');
  return { from, to, steps, plant: values.plant as PlantName | undefined, trace: values.trace, jobs };
}

/** Shown while it runs, where somebody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function runAll(run: Run): Promise<number> {
  const startedAt = performance.now();
  const marks = new Map<Mark, number>();
  const broken: number[] = [];
  const count = run.to - run.from + 1;
  let events = 0;
  let done = 0;
  const take = (summary: Summary) => {
    done += 1;
    events += summary.events;
    for (const mark of summary.marks) marks.set(mark, (marks.get(mark) ?? 0) + 1);
    if (summary.failure !== undefined) {
      progress('');
      broken.push(summary.seed);
      process.stdout.write(summary.failure);
    }
    progress(`${done} of ${count} seeds, ${broken.length} broken`);
  };
  if (run.jobs > 1) await runJobs(run.jobs, run, take);
  else for (let seed = run.from; seed <= run.to; seed += 1) take(await runOne(seed, run, count === 1));
  progress('');
  const seconds = (performance.now() - startedAt) / 1_000;
  if (count > 1) {
    const met = MARKS.map((mark) => `${mark} ${marks.get(mark) ?? 0}`).join(', ');
    broken.sort((a, b) => a - b);
    process.stdout.write(
      `${count} seeds, ${broken.length} broken${broken.length > 0 ? ` (${broken.join(', ')})` : ''}; ${events} events; ` +
        `${seconds.toFixed(1)} s, ${((seconds * 1_000) / count).toFixed(0)} ms a seed\nseeds that met: ${met}\n`,
    );
  }
  return broken.length === 0 ? 0 : 1;
}

async function runOne(seed: number, { steps, plant, trace }: Run, isOnly: boolean): Promise<Summary> {
  const outcome = await simulate(seed, { steps, plant: plant && PLANTS[plant] });
  const { events, marks, violations, lines } = outcome;
  if (trace) process.stdout.write(`${lines.join('\n')}\n`);
  if (violations.length === 0 && isOnly) process.stdout.write(`${outcomeText(outcome)}\n`);
  const failure = violations.length > 0 ? failureText(outcome, { steps, plant, whole: trace }) : undefined;
  return { seed, events, marks: [...marks.keys()], failure };
}

try {
  const run = readOptions();
  if (typeof run === 'string') process.stdout.write(run);
  else process.exitCode = await runAll(run);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
