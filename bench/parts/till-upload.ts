// What a till kept while it was offline, in one upload over HTTP to the real server: how long it takes, and what sales one
// by one feel of it. The pace of those is a retailer's, not the most that the server could take: in turns alone and beside.
import { tillFile } from '../../test/support/till-file.ts';
import { type Figure, figure } from '../figure.ts';
import { type Paced, runPaced } from '../load/paced.ts';
import { LOCATION } from '../load/request.ts';
import type { Part } from '../part.ts';
import { type EvenstockProcess, openStocks, startEvenstockProcess } from '../servers/evenstock-process.ts';

/** Of 250 stores and a web shop in a rush. */
const PER_SECOND = 200;
const LIVE_SKUS = 1_000;
const TILL_SKUS = 2_000;

export const tillUpload: Part = {
  name: 'till-upload',
  title: 'A till uploads its offline day beside live commands',
  async run({ sizes, directory, progress }) {
    const server = await startEvenstockProcess(directory);
    try {
      progress('opening stocks');
      await openStocks(server, LIVE_SKUS);
      const live = { ...server, perSecond: PER_SECOND, skus: LIVE_SKUS };
      progress('warming up');
      await runPaced({ ...live, idPrefix: 'warm-' }, upload(server, 0, sizes.uploadLines));
      const rounds: Round[] = [];
      for (let n = 1; n <= sizes.windows; n++) {
        progress(`round ${n} of ${sizes.windows}: live commands alone`);
        const alone = await runPaced({ ...live, idPrefix: `alone-${n}-` }, pause(2 * sizes.windowMs));
        progress(`round ${n} of ${sizes.windows}: beside an upload of ${sizes.uploadLines.toLocaleString('en')} lines`);
        const uploading = upload(server, n, sizes.uploadLines);
        const beside = await runPaced({ ...live, idPrefix: `beside-${n}-` }, uploading);
        rounds.push({ alone, beside, seconds: await uploading });
        progress(
          `  ${rounds.at(-1)!.seconds.toFixed(1)} s, p99 ${alone.p99Ms.toFixed(1)} → ${beside.p99Ms.toFixed(1)} ms`,
        );
      }
      progress('the last upload again, alone');
      const again = await upload(server, sizes.windows, sizes.uploadLines, true);
      return figuresOf(rounds, again, sizes.uploadLines);
    } finally {
      await server.stop();
    }
  },
};

interface Round {
  readonly alone: Paced;
  readonly beside: Paced;
  readonly seconds: number;
}

function figuresOf(rounds: readonly Round[], again: number, lines: number): readonly Figure[] {
  const shown = `till upload of ${lines.toLocaleString('en')} lines`;
  const ofLive = (side: 'alone' | 'beside', title: string) =>
    (['p50', 'p99'] as const).map((rank) =>
      figure(
        `till.${side}.${rank}`,
        `${title}: ${rank}`,
        'ms',
        rounds.map((round) => round[side][`${rank}Ms`]),
      ),
    );
  return [
    figure(
      'till.upload',
      shown,
      's',
      rounds.map(({ seconds }) => seconds),
      `beside ${PER_SECOND} commands a second`,
    ),
    figure('till.again', `${shown}, sent again: no new event`, 's', again),
    ...ofLive('alone', `live command, ${PER_SECOND} a second, alone`),
    ...ofLive('beside', `live command, ${PER_SECOND} a second, beside the upload`),
  ];
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/**
 * Until the last line is answered, s. The file is of one till's day: shuffled, 5 % of the lines twice, 1 % damaged.
 * @throws Error when the server counts otherwise than the file was made
 */
async function upload(server: EvenstockProcess, till: number, lines: number, isRepeat = false): Promise<number> {
  const file = tillFile({ lines, seed: till + 1, skus: TILL_SKUS });
  const startedAt = performance.now();
  const response = await fetch(
    `http://127.0.0.1:${server.port}/v1/tills/till-${till}/upload?location=${LOCATION}&channel=webshop`,
    { method: 'POST', headers: { ...server.headers, 'content-type': 'text/csv' }, body: file.csv },
  );
  const text = await response.text();
  const seconds = (performance.now() - startedAt) / 1_000;
  const last = text.trimEnd().split('\n').at(-1)!;
  const { accepted, duplicates, invalid } = (JSON.parse(last) as { summary: Summary }).summary;
  const expected = isRepeat ? [0, file.distinct + file.duplicates] : [file.distinct, file.duplicates];
  if (accepted !== expected[0] || duplicates !== expected[1] || invalid !== file.malformed) {
    throw new Error(`an upload of ${expected.join(' + ')} + ${file.malformed} lines came to ${last}`);
  }
  return seconds;
}

interface Summary {
  readonly accepted: number;
  readonly duplicates: number;
  readonly invalid: number;
}
