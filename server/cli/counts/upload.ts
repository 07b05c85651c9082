// `evenstock counts upload`: the lines of a file from handhelds, 1,000 a command. The ids of the commands follow from their
// lines, so the same file may be sent again after any failure. Exit code 0: every line is taken · 2: some are not.
import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CountLine, StocktakeId } from '../../../domain/count/commands.ts';
import { ConfigError } from '../../config.ts';
import { type Fault, faultsOf } from '../../problems.ts';
import type { LinesAnswer } from '../../routes/openapi/counts.ts';
import { requestServer, type ServerOptions, whatIsWrong } from '../ask-server.ts';
import { formatOf, readRows } from '../import/read-rows.ts';
import { isBadRow, type Row } from '../import/row.ts';

const LINES_MAX = 1_000;
const ATTEMPTS_MAX = 10;

type Line = Readonly<Record<string, unknown>> & { readonly sku: string };
interface Numbered {
  readonly number: number;
  readonly line: Line;
}

export async function uploadCounts(stocktakeId: string, file: string, options: ServerOptions): Promise<void> {
  if (!StocktakeId.safeParse(stocktakeId).success) throw new ConfigError(`${stocktakeId} is no id of a stocktake`);
  const tally = new Map<string, number>();
  let isWhole = true;
  const told = (outcome: string, number: number, why?: string) => {
    tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
    if (why === undefined) return;
    isWhole = false;
    process.stderr.write(`line ${number}: ${why}\n`);
  };
  // A second line of one SKU goes with the next command, where it is judged after the first.
  let chunk = new Map<string, Numbered>();
  const flush = async () => {
    const lines = [...chunk.values()];
    chunk = new Map();
    if (lines.length > 0) await send(stocktakeId, lines, options, told);
  };
  for await (const row of rowsOf(file)) {
    if ('why' in row) {
      told('bad', row.number, row.why);
      continue;
    }
    if (chunk.size === LINES_MAX || chunk.has(row.line.sku)) await flush();
    chunk.set(row.line.sku, row);
  }
  await flush();
  const summary = [...tally].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  process.stdout.write(`${summary || 'no lines'}\n`);
  if (!isWhole) process.exitCode = 2;
}

async function* rowsOf(file: string): AsyncIterable<Numbered | { readonly number: number; readonly why: string }> {
  const csv = { delimiter: ',', quotes: 'around-cells', encoding: 'utf-8', columns: undefined } as const;
  for await (const row of readRows(file, formatOf(file) === 'csv' ? csv : undefined).rows) {
    const { line: number } = row;
    if (isBadRow(row)) {
      yield { number, why: row.fault };
      continue;
    }
    const line = lineOf(row);
    const parsed = CountLine.safeParse(line);
    if (parsed.success) yield { number, line };
    else
      yield {
        number,
        why: faultsOf(parsed.error.issues)
          .map(({ path, message }) => `${path} ${message}`)
          .join('; '),
      };
  }
}

/** Cells are text; an empty one says nothing. */
function lineOf({ cells, command }: Row): Line {
  const given = (command ?? cells) as Readonly<Record<string, unknown>>;
  const said = Object.entries(given).filter(([, value]) => value !== '');
  const line = Object.fromEntries(said) as Line;
  const quantity = line['quantity'];
  return typeof quantity === 'string' && /^\d{1,10}$/.test(quantity) ? { ...line, quantity: Number(quantity) } : line;
}

type Told = (outcome: string, number: number, why?: string) => void;
type Verdict = (typeof LinesAnswer)['_output']['lines'][number];

async function send(
  stocktakeId: string,
  chunk: readonly Numbered[],
  options: ServerOptions,
  told: Told,
): Promise<void> {
  const lines = chunk.map(({ line }) => line);
  const id = `upload:${hash('sha256', JSON.stringify([stocktakeId, lines]), 'base64url')}`;
  const body = JSON.stringify({ type: 'count', id, lines });
  for (let attempt = 1; ; attempt++) {
    const answer = await requestServer(`/v1/stocktakes/${stocktakeId}/commands`, options, {
      body,
      type: 'application/json',
    });
    const again = answer.headers.get('retry-after');
    if (again !== null && attempt < ATTEMPTS_MAX) {
      await delay(Number(again) * 1_000);
      continue;
    }
    const verdicts = answer.ok
      ? (JSON.parse(answer.text) as { lines: Verdict[] }).lines
      : refusals(answer.text, options, answer.status);
    chunk.forEach(({ number, line }, n) => {
      const { status, reason, detail } = verdicts[n] ?? { reason: 'refused', detail: 'like the lines before it' };
      if (status !== undefined) told(status, number);
      else told('refused', number, `${line.sku}: ${reason}${detail === undefined ? '' : `, ${detail}`}`);
    });
    return;
  }
}

/** Not one line was taken: the first of them are named. @throws ConfigError for a command that was not judged by its lines */
function refusals(
  text: string,
  { url }: ServerOptions,
  status: number,
): Pick<Verdict, 'status' | 'reason' | 'detail'>[] {
  const errors = status < 500 ? errorsIn(text) : [];
  if (!errors.some(({ path }) => /^\/lines\/\d+\/sku$/.test(path))) {
    throw new ConfigError(`${url} answered ${status}: ${whatIsWrong(text)}`);
  }
  return errors.map(({ rule, message }) => ({ reason: rule, detail: message }));
}

function errorsIn(text: string): readonly Fault[] {
  try {
    return (JSON.parse(text) as { readonly errors?: readonly Fault[] }).errors ?? [];
  } catch {
    // Not this server's: a proxy's, perhaps.
    return [];
  }
}
