// `npm run bench`: measures Evenstock, PostgreSQL doing the same work, and the ceiling, one after another on an
// otherwise idle machine, and prints one table. Progress goes to stderr, the table or JSON to stdout.
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { describeMachine } from './machine.ts';
import type { Mode } from './part.ts';
import { PARTS } from './parts/all.ts';
import { runPart } from './run-part.ts';
import { printReport, type Report, type Skipped } from './table.ts';
import { judge } from './targets.ts';

const USAGE = `npm run bench -- [options]
  --only <part>       one part; may be given several times: ${PARTS.map((part) => part.name).join(', ')}
  --quick             smaller and shorter; not for the record
  --json              JSON instead of the table
  --directory <path>  where the stores keep their files (default: the temporary folder); must be a real disk
  --help`;

const OPTIONS = {
  only: { type: 'string', multiple: true },
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  directory: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const started = performance.now();

function progress(text: string): void {
  const seconds = ((performance.now() - started) / 1_000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${text}\n`);
}

async function measure(names: readonly string[], mode: Mode, directory: string): Promise<Report> {
  const figures: Figure[] = [];
  const skipped: Skipped[] = [];
  for (const part of PARTS.filter(({ name, isOnRequest = false }) =>
    names.length === 0 ? !isOnRequest : names.includes(name),
  )) {
    progress(part.title);
    try {
      const result = await runPart(part, mode, directory, (text) => progress(`  ${text}`));
      if ('skipped' in result) {
        skipped.push({ part: part.name, why: result.skipped });
        progress(`  SKIPPED: ${result.skipped}`);
      } else if ('figures' in result) {
        figures.push(...result.figures);
        skipped.push(...result.missing.map((why) => ({ part: `a side of ${part.name}`, why })));
      } else figures.push(...result);
    } catch (error) {
      // The others are measured all the same; the exit code says that one is missing.
      const why = `it failed: ${error instanceof Error ? error.message : String(error)}`;
      skipped.push({ part: part.name, why });
      progress(`  FAILED: ${why}`);
      process.exitCode = 1;
    }
  }
  const targets = judge(new Map(figures.map((each) => [each.id, each])), names);
  return { at: new Date().toISOString(), mode, machine: describeMachine(directory), figures, targets, skipped };
}

function options() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    const unknown = (values.only ?? []).filter((name) => !PARTS.some((part) => part.name === name));
    if (unknown.length > 0) throw new TypeError(`there is no part ${unknown.join(', ')}`);
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exit(2);
  }
}

const { only = [], quick = false, json = false, help = false, directory = tmpdir() } = options();
if (help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const report = await measure(only, quick ? 'quick' : 'full', directory);
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : printReport(report));
}
