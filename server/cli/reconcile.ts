// `evenstock reconcile`: compares a channel, or the books of a system at a location, through a running server, and shows what
// was found. Exit code 0: nothing is left unexplained · 2: there are differences or bad lines · 1: it could not be compared.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../config.ts';
import type { runView } from '../routes/reconciliation/view.ts';
import { callServer, type ServerOptions } from './ask-server.ts';

export interface ReconcileOptions extends ServerOptions {
  readonly statement?: string;
  readonly system?: string;
  readonly location?: string;
  readonly asOf?: string;
  readonly complete?: boolean;
  /** false: `--no-correct`. */
  readonly correct: boolean;
  readonly format: 'text' | 'json' | 'csv' | 'html';
}

type Summary = ReturnType<typeof runView>;

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed']);
const ASK_EVERY_MS = 1_000;
/** Classes that nobody has to do anything about. */
const EXPLAINED: ReadonlySet<string> = new Set(['in-flight', 'explained']);

export async function reconcile(channel: string | undefined, options: ReconcileOptions): Promise<void> {
  const run = await compareWith(channel, options);
  if (options.format === 'text') process.stdout.write(summaryText(run));
  else process.stdout.write(await reportOf(run.id, options));
  if (run.state === 'failed') {
    process.stderr.write(`The run ${run.id} failed: ${run.reason}\n`);
    process.exitCode = 1;
  } else if (unexplained(run) > 0 || (run.statement.badLines ?? 0) > 0) process.exitCode = 2;
}

/** Begins a run and waits for its end. @throws ConfigError */
export async function compareWith(channel: string | undefined, options: ReconcileOptions): Promise<Summary> {
  return ended(await started(channel, options), options);
}

async function started(channel: string | undefined, options: ReconcileOptions): Promise<Summary> {
  const { statement, system, location, asOf, complete, correct } = options;
  if ((channel === undefined) === (system === undefined || location === undefined)) {
    throw new ConfigError('Name a channel, or --system and --location, and not both');
  }
  if (statement === undefined) {
    // Of a system that is an ERP of the policy; of any other, the server says that its books must be uploaded.
    const body = JSON.stringify({ channel, system, location, correct });
    return summaryOf(await callServer('/v1/reconciliations?wait=30', options, { body, type: 'application/json' }));
  }
  const body = await readFile(statement).catch((error: Error) => {
    throw new ConfigError(`${statement} cannot be read: ${error.message}`);
  });
  const given = { channel, system, location, asOf, complete: complete ? 'true' : undefined, wait: '30' };
  const query = Object.entries({ ...given, correct: String(correct) }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const type = /\.(ndjson|jsonl)$/i.test(statement) ? 'application/x-ndjson' : 'text/csv';
  return summaryOf(await callServer(`/v1/reconciliations?${new URLSearchParams(query)}`, options, { body, type }));
}

async function ended(run: Summary, options: ServerOptions): Promise<Summary> {
  let last = run;
  while (!ENDED.has(last.state)) {
    await delay(ASK_EVERY_MS);
    last = summaryOf(await callServer(`/v1/reconciliations/${run.id}?limit=1`, options));
  }
  return last;
}

const ACCEPT = { csv: 'text/csv', html: 'text/html' } as const;

async function reportOf(id: string, options: ReconcileOptions): Promise<string> {
  const { format } = options;
  const path = `/v1/reconciliations/${id}`;
  if (format === 'csv' || format === 'html') return callServer(path, options, { accept: ACCEPT[format] });
  type Report = Summary & { differences: unknown[]; next?: number };
  let report: Report | undefined;
  for (let cursor: number | undefined = 0; cursor !== undefined; ) {
    const page: Report = JSON.parse(await callServer(`${path}?limit=1000&cursor=${cursor}`, options)) as Report;
    if (report === undefined) report = page;
    else report.differences.push(...page.differences);
    cursor = page.next;
  }
  const { next: _, ...whole } = report!;
  return `${JSON.stringify(whole)}\n`;
}

function summaryOf(text: string): Summary {
  return JSON.parse(text) as Summary;
}

function unexplained({ comparison }: Summary): number {
  const classes = Object.entries(comparison?.classes ?? {});
  return classes.reduce((skus, [name, total]) => (EXPLAINED.has(name) ? skus : skus + total.skus), 0);
}

export function summaryText(run: Summary): string {
  const { id, state, statement, comparison, corrected, correction } = run;
  const lines = [`run        ${id}, ${state}`];
  if (statement.rows !== undefined) {
    const bad = statement.badLines === 0 ? '' : `, ${statement.badLines} bad lines`;
    lines.push(
      `statement  ${statement.rows} rows as of ${statement.asOf}, ${statement.complete ? 'complete' : 'partial'}${bad}`,
    );
  }
  if (comparison !== undefined) {
    const { skus, equal, reportedUnits, ourUnits, classes } = comparison;
    lines.push(`compared   ${skus} SKUs, ${equal} equal; ${reportedUnits} units reported, ${ourUnits} ours`);
    for (const [name, total] of Object.entries(classes)) {
      const value = total.value === undefined ? '' : `, value ${(total.value / 100).toFixed(2)}`;
      lines.push(`  ${name.padEnd(14)}${total.skus} SKUs, ${total.units} units${value}`);
    }
    const { republish, count, case: cases, inFlight, notPossible } = corrected;
    const done = `${republish} told again, ${count} counted, ${cases} cases, ${inFlight} in flight, ${notPossible} not possible`;
    lines.push(`correction ${correction === 'none' ? 'none: it only reports' : done}`);
  }
  return `${lines.join('\n')}\n`;
}
