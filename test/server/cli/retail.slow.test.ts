// The whole month of real transactions: what `npm run replay:retail` does.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RETAIL_DATA, replayRetail } from '../../../server/cli/replay-retail/replay-retail.ts';

const isThere = existsSync(RETAIL_DATA);
if (!isThere) console.warn(`SKIPPED: the retail data set is not at ${RETAIL_DATA}; the month was not replayed`);

describe.skipIf(!isThere)('a replay of the whole month', () => {
  it('has no difference of a unit', { timeout: 180_000 }, async () => {
    const texts: string[] = [];
    const stream = { write: (text: string) => texts.push(text) } as unknown as NodeJS.WritableStream;
    const code = await replayRetail({ json: true, stdout: stream, stderr: stream });
    const { month, ...result } = JSON.parse(texts.join(''));
    expect(result).toMatchObject({ differencesTotal: 0, lines: 42_286, takenOn: 4_486, events: 46_772 });
    expect(month).toMatchObject({ rows: 42_481, quantitySum: 342_228, equalRows: 500, days: 20 });
    expect(result.answers.duplicates).toBe(result.deliveries.sent - result.lines);
    expect(code).toBe(0);
  });
});
