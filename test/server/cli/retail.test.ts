import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { StockCommandJson } from '../../../domain/stock/commands.ts';
import { HOUR } from '../../../domain/time.ts';
import { compareDay } from '../../../server/cli/replay-retail/comparison.ts';
import { planDeliveries, seededRandom } from '../../../server/cli/replay-retail/deliveries.ts';
import { countIndependently, webAvailability } from '../../../server/cli/replay-retail/independent.ts';
import { replayMonth } from '../../../server/cli/replay-retail/replay-month.ts';
import { RETAIL_DATA, replayRetail } from '../../../server/cli/replay-retail/replay-retail.ts';
import { openRetailStore } from '../../../server/cli/replay-retail/retail-store.ts';

const TINY = fileURLToPath(new URL('./retail-tiny.csv', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'evenstock-retail-test-'));
afterAll(() => rmSync(root, { recursive: true }));
const fresh = () => mkdtempSync(join(root, 'run-'));

async function replay(options: { file?: string; seed?: number; days?: number } = {}) {
  const texts: string[] = [];
  const stream = { write: (text: string) => texts.push(text) } as unknown as NodeJS.WritableStream;
  const code = await replayRetail({ ...options, json: true, stdout: stream, stderr: stream });
  return { code, text: texts.join('') };
}

describe('the independent count', () => {
  const month = countIndependently(TINY);

  it('reads the rows as the data set means them', () => {
    expect(month).toMatchObject({ rows: 14, equalRows: 1, quantitySum: 33, notGoods: { rows: 3, quantity: 0 } });
    expect(month.days).toEqual(['2010-12-01', '2010-12-02', '2010-12-03']);
    expect(month.locations).toEqual(['isle-of-nowhere', 'united-kingdom']);
  });

  it('takes on the largest deficit and a margin, and moves both equal rows', () => {
    // 4 + 4 + 1 were sold before 3 came back.
    expect(month.opening.get('10001A~united-kingdom')).toBe(9 + 5);
    expect(month.onHandAt('2010-12-03').get('10001A~united-kingdom')).toBe(5 + 3);
    expect(month.onHandAt('2010-12-01').get('20002~isle-of-nowhere')).toBe(5);
    expect(month.onHandAt('2010-12-02').get('20002~isle-of-nowhere')).toBe(595);
    expect(month.onHandAt('2010-12-02').get('20002~united-kingdom')).toBe(5);
  });

  it('computes what the web channel may show with every term of the formula', () => {
    // (8 − 3 of safety stock + 5 elsewhere) × 90 % − 1; and 597 units meet the cap.
    const web = webAvailability(month.onHandAt('2010-12-03'));
    expect([...web].sort()).toEqual([
      ['10001A', 8],
      ['20002', 400],
      ['30003', 0],
    ]);
  });
});

describe('the deliveries', () => {
  const at = (n: number) => new Date(Date.UTC(2010, 11, 1, 8) + n * 60_000).toISOString();
  const commands = Array.from({ length: 600 }, (_, n) => ({ id: `c${n}`, occurredAt: at(n) }) as StockCommandJson);
  const plan = (seed: number) => planDeliveries(commands, 0.05, seededRandom(seed));

  it('are the same for the same seed, and others for another', () => {
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  it('bring every line in its hour, shuffled, and some of them again, later or not', () => {
    const { hours, repeatedSoon, repeatedLate } = plan(1);
    const seen = new Map<string, number>();
    for (const { arrivesAt, commands: some } of hours) {
      for (const { id, occurredAt } of some) {
        const happened = Date.parse(occurredAt!);
        expect(happened).toBeLessThan(arrivesAt);
        if (!seen.has(id)) expect(happened).toBeGreaterThanOrEqual(arrivesAt - HOUR);
        seen.set(id, (seen.get(id) ?? 0) + 1);
      }
    }
    expect(seen.size).toBe(600);
    expect([...seen.values()].filter((times) => times === 2)).toHaveLength(repeatedSoon + repeatedLate);
    expect(repeatedSoon).toBeGreaterThan(5);
    expect(repeatedLate).toBeGreaterThan(5);
    expect(hours[0]!.commands.map(({ id }) => id)).not.toEqual(commands.slice(0, 60).map(({ id }) => id));
  });
});

// Seen failing with equal rows dropped (ids made of invoice and SKU), with command ids forgotten by the decider, and
// with the channel's buffer left out of the formula.
describe('a replay of a few days', () => {
  it('has no difference, whatever the seed', async () => {
    for (const seed of [1, 2, 3]) {
      const { code, text } = await replay({ file: TINY, seed });
      expect(JSON.parse(text)).toMatchObject({ seed, lines: 11, takenOn: 5, events: 16, differencesTotal: 0 });
      expect(code).toBe(0);
    }
  });

  it('recognises every second delivery', async () => {
    const result = await replayMonth({ file: TINY, seed: 7, directory: fresh(), repeatedShare: 1 });
    expect(result.deliveries.sent).toBe(22);
    expect(result.answers).toEqual({ accepted: 16, duplicates: 11 });
    expect(result.differences).toEqual([]);
  });

  it('says what differs', async () => {
    const month = countIndependently(TINY);
    const store = await openRetailStore(fresh(), month.locations);
    store.setTime(Date.UTC(2010, 11, 2));
    const { availability } = store;
    const receipt = (sku: string, quantity: number): StockCommandJson => {
      const occurredAt = '2010-12-01T08:00:00Z';
      return { type: 'receipt', id: `r-${sku}`, sku, location: 'united-kingdom', occurredAt, quantity };
    };
    await store.target.submitBatch([receipt('10001A', 9), receipt('99999', 20)]);
    await store.caughtUp();
    const { differences } = compareDay(month, '2010-12-01', availability);
    await store.close();
    expect(differences).toContainEqual({
      figure: '2010-12-01: on-hand of 10001A at united-kingdom',
      expected: 8,
      actual: 9,
    });
    expect(differences).toContainEqual({
      figure: '2010-12-01: on-hand of 30003 at united-kingdom',
      expected: 18,
      actual: undefined,
    });
    expect(differences).toContainEqual({
      figure: '2010-12-01: ATS of 99999 on web, which no row names',
      expected: 0,
      actual: 14,
    });
  });

  it('says that there is nothing to replay', async () => {
    expect(await replay({ file: join(root, 'none.csv') })).toMatchObject({ code: 1 });
  });
});

const isThere = existsSync(RETAIL_DATA);
if (!isThere) console.warn(`SKIPPED: the retail data set is not at ${RETAIL_DATA}; no day of it was replayed`);
describe.skipIf(!isThere)('a replay of the first day of the data set', () => {
  it('has no difference of a unit', async () => {
    const { code, text } = await replay({ days: 1 });
    expect(JSON.parse(text)).toMatchObject({ differencesTotal: 0, lines: 3_099, month: { rows: 3_108, days: 1 } });
    expect(code).toBe(0);
  });
});
