#!/usr/bin/env node
// `npm run simulate`: runs the retailer from seeds. A seed that breaks a promise prints what broke, the end of its trace and
// the command that repeats it; the exit code is then 1. See docs/simulation.md.
import { parseArgs } from 'node:util';
import { PLANTS, type PlantName } from './plant.ts';
import { type Outcome, simulate } from './simulate.ts';
import { MARKS, type Mark } from './trace.ts';

const HELP = `Usage: npm run simulate -- [options]

  --seed <n>        one seed (default 1)
  --seeds <a>..<b>  many, both ends included
  --steps <n>       steps of trading, 1 to 100000 (default: 500 to 700, as the seed says)
  --trace           print the whole trace of every run, not only the end of one that fails
  --plant <name>    plant a bug: ${Object.keys(PLANTS).join(' | ')}
  --help            this text

Exit code: 0 all promises held, 1 one was broken, 2 the options make no sense.
`;
const TRACE_LINES = 60;
const LINE_CHARACTERS = 300;
const STEPS_MAX = 100_000;

interface Run {
  readonly from: number;
  readonly to: number;
  readonly steps: number | undefined;
  readonly plant: PlantName | undefined;
  readonly trace: boolean;
}

function readOptions(): Run | string {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      steps: { type: 'string' },
      trace: { type: 'boolean', default: false },
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
  return { from, to, steps, plant: values.plant as PlantName | undefined, trace: values.trace };
}

function describe(outcome: Outcome): string {
  const { seed, steps, events, calls, virtualMs, healedMs, hash } = outcome;
  const minutes = (virtualMs / 60_000).toFixed(1);
  return (
    `seed ${seed}: ${steps} steps, ${events} events, ${calls} calls, ${minutes} virtual minutes, ` +
    `right ${(healedMs / 1_000).toFixed(1)} s after the last fault, trace ${hash.slice(0, 16)}`
  );
}

function failure({ seed, violations, lines }: Outcome, run: Run): string {
  const repeat = [
    `npm run simulate -- --seed ${seed}`,
    ...(run.steps === undefined ? [] : [`--steps ${run.steps}`]),
    ...(run.plant === undefined ? [] : [`--plant "${run.plant}"`]),
  ].join(' ');
  return [
    `seed ${seed} broke ${violations.length} promises:`,
    ...violations.map(({ promise, what }) => `  ${promise}: ${what}`),
    ...(run.trace
      ? []
      : [`the last of ${lines.length} lines of its trace (--trace for all):`, ...lines.slice(-TRACE_LINES).map(cut)]),
    `repeat it: ${repeat} --trace`,
    '',
  ].join('\n');
}

function cut(line: string): string {
  return line.length <= LINE_CHARACTERS ? line : `${line.slice(0, LINE_CHARACTERS)}…`;
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
  for (let seed = run.from; seed <= run.to; seed += 1) {
    progress(`seed ${seed} of ${run.from}..${run.to}, ${broken.length} broken`);
    const outcome = await simulate(seed, { steps: run.steps, plant: run.plant && PLANTS[run.plant] });
    events += outcome.events;
    for (const mark of outcome.marks.keys()) marks.set(mark, (marks.get(mark) ?? 0) + 1);
    if (run.trace) process.stdout.write(`${outcome.lines.join('\n')}\n`);
    if (outcome.violations.length > 0) {
      progress('');
      broken.push(seed);
      process.stdout.write(failure(outcome, run));
    } else if (count === 1) process.stdout.write(`${describe(outcome)}\n`);
  }
  progress('');
  const seconds = (performance.now() - startedAt) / 1_000;
  if (count > 1) {
    const met = MARKS.map((mark) => `${mark} ${marks.get(mark) ?? 0}`).join(', ');
    process.stdout.write(
      `${count} seeds, ${broken.length} broken${broken.length > 0 ? ` (${broken.join(', ')})` : ''}; ${events} events; ` +
        `${seconds.toFixed(1)} s, ${((seconds * 1_000) / count).toFixed(0)} ms a seed\nseeds that met: ${met}\n`,
    );
  }
  return broken.length === 0 ? 0 : 1;
}

try {
  const run = readOptions();
  if (typeof run === 'string') process.stdout.write(run);
  else process.exitCode = await runAll(run);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
