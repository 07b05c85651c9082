// `npm run replay:retail`: a month of a retailer's real transactions through the product, compared to the unit.
// Exit codes: 0 no difference, or the data set is not there (said out loud) · 1 a difference, or it could not run.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImportError } from '../import/mapping.ts';
import { type ReplayResult, replayMonth } from './replay-month.ts';
import { resultText } from './result-text.ts';

export interface ReplayOptions {
  /** Default: the data set beside the project. */
  readonly file?: string;
  readonly seed?: number;
  /** Only the first days of the file. */
  readonly days?: number;
  /** Default: a temporary one that is removed at the end. */
  readonly directory?: string;
  readonly json?: boolean;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Milliseconds from anywhere, for how long it took. */
  readonly elapsed?: () => number;
}

export const RETAIL_DATA = fileURLToPath(
  new URL('../../../../shared/data/online-retail-2010-12.csv.gz', import.meta.url),
);
export const REPEATED_SHARE = 0.05;
const SEED = 20_101_201;

export async function replayRetail(options: ReplayOptions): Promise<0 | 1> {
  const { stdout, stderr, seed = SEED, elapsed = () => performance.now() } = options;
  const file = resolve(options.file ?? RETAIL_DATA);
  if (!existsSync(file)) return missing(file, options);
  const startedAt = elapsed();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'evenstock-retail-')));
  try {
    if (!options.json) stdout.write(`Replaying ${file}, seed ${seed} (--seed ${seed} repeats this run)\n`);
    const result = await replayMonth({
      file,
      seed,
      directory,
      repeatedShare: REPEATED_SHARE,
      ...(options.days === undefined ? {} : { daysMax: options.days }),
      onDay: (day, delivered) => {
        if (!options.json) stderr.write(`  ${day}: ${delivered} lines delivered\n`);
      },
    });
    const seconds = (elapsed() - startedAt) / 1_000;
    stdout.write(options.json ? `${JSON.stringify(forJson(result, seconds))}\n` : resultText(result, seconds));
    return result.differencesTotal === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    stderr.write(`replay: ${error.message}\n`);
    return 1;
  } finally {
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  }
}

/** Not an error for whoever has only the project, unless the file was asked for by name. */
function missing(file: string, { file: asked, json, stdout, stderr }: ReplayOptions): 0 | 1 {
  if (asked !== undefined) {
    stderr.write(`replay: there is no file ${file}\n`);
    return 1;
  }
  stdout.write(
    json
      ? `${JSON.stringify({ skipped: true, missing: file })}\n`
      : `SKIPPED: the retail data set is not at ${file}. Nothing was replayed. Give another place with --file.\n`,
  );
  return 0;
}

function forJson({ month, ...result }: ReplayResult, seconds: number) {
  const { rows, quantitySum, notGoods, equalRows, days } = month;
  return { ...result, month: { rows, quantitySum, notGoods, equalRows, days: days.length }, seconds };
}
