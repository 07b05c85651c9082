import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { compilePolicy, PolicyDocument } from '../../../domain/channel/policy.ts';
import { type EventLog, START } from '../../../domain/event-log.ts';
import type { StockCommandJson } from '../../../domain/stock/commands.ts';
import { actorsTarget } from '../../../server/cli/import/actors-target.ts';
import { type ImportOptions, importFile } from '../../../server/cli/import/import-file.ts';
import type { MappingJson } from '../../../server/cli/import/mapping.ts';
import type { ImportTarget, LineResult } from '../../../server/cli/import/target.ts';
import { actorsOver, NOON } from '../../support/actors.ts';

const directory = mkdtempSync(join(tmpdir(), 'evenstock-import-'));
const file = join(directory, 'sales.csv');
const errorReport = join(directory, 'errors.ndjson');
const resumeFile = join(directory, 'journal.json');
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => {
  for (const path of [errorReport, resumeFile]) rmSync(path, { force: true });
});

const MAPPING: MappingJson = {
  version: 1,
  group: ['Bill'],
  skip: [{ reason: 'not goods', when: [{ column: 'Code', is: 'POST' }] }],
  fields: {
    type: 'sale',
    id: { template: '{Bill}:{line}' },
    sku: { column: 'Code' },
    location: { column: 'Shop' },
    occurredAt: { column: 'When' },
    quantity: { column: 'Units', number: 'as-is' },
  },
};
const WHEN = '2026-11-23T10:00:00Z';
const bill = (n: number, units: number | string = 1, shop = 'store-1', code = 'A') =>
  `B${n},${code},${shop},${WHEN},${units}`;
const write = (rows: readonly string[]) => writeFileSync(file, `Bill,Code,Shop,When,Units\n${rows.join('\n')}\n`);
const reportLines = () =>
  existsSync(errorReport)
    ? readFileSync(errorReport, 'utf8')
        .trimEnd()
        .split('\n')
        .map((one) => JSON.parse(one))
    : [];

function targetOver(log: EventLog): ImportTarget {
  const policy = compilePolicy(PolicyDocument.parse({ version: 'p', locations: [{ id: 'store-1' }] }));
  return actorsTarget({ actors: actorsOver(log), policy: () => policy, client: 'import' });
}

const run = (options: Partial<ImportOptions> & Pick<ImportOptions, 'target'>) =>
  importFile({
    file,
    mapping: MAPPING,
    errorReport,
    resumeFile,
    clock: { now: () => NOON },
    patience: { sleep: async () => {}, random: () => 0 },
    ...options,
  });

async function commandIds(log: EventLog): Promise<string[]> {
  const events = await log.readAll(START, 10_000);
  return events.map((event) => String(event.data['commandId'])).sort();
}

describe('an import', () => {
  it('accounts for every row', async () => {
    write([bill(1), bill(1), bill(2, 'x'), bill(3, 1, 'store-1', 'POST'), bill(4, 1, 'nowhere'), bill(5, 2)]);
    const log = createMemoryLog();
    const summary = await run({ target: targetOver(log) });
    expect(summary).toMatchObject({
      status: 'complete',
      rows: 6,
      accepted: 3,
      duplicates: 0,
      refused: 0,
      invalid: 2,
      skipped: { 'not goods': 1 },
      lastLine: 7,
      errorReport,
    });
    expect(await commandIds(log)).toEqual(['B1:1', 'B1:2', 'B5:1']);
    expect(reportLines()).toEqual([
      {
        line: 4,
        reason: 'invalid-row',
        rule: 'fields',
        column: 'Units',
        field: 'quantity',
        detail: 'column Units has "x", which is not a whole number',
        row: { Bill: 'B2', Code: 'A', Shop: 'store-1', When: WHEN, Units: 'x' },
      },
      expect.objectContaining({ line: 6, reason: 'unknown-location', commandId: 'B4:1' }),
    ]);
    expect(existsSync(resumeFile)).toBe(false);
  });

  it('has no effect the second time', async () => {
    write([bill(1), bill(2), bill(3)]);
    const log = createMemoryLog();
    const target = targetOver(log);
    await run({ target });
    expect(await run({ target })).toMatchObject({ accepted: 0, duplicates: 3, status: 'complete' });
    expect(await commandIds(log)).toHaveLength(3);
  });

  it('reports what was parked, because it moved no stock', async () => {
    write([`B1,A,store-1,2026-01-01T00:00:00Z,1`]);
    expect(await run({ target: targetOver(createMemoryLog()) })).toMatchObject({ accepted: 0, parked: 1 });
    expect(reportLines()).toMatchObject([{ line: 2, reason: 'parked', commandId: 'B1:1' }]);
  });

  it('sends nothing in a dry run, and leaves the journal alone', async () => {
    write([bill(1), bill(2, 0)]);
    const target: ImportTarget = { submitBatch: () => Promise.reject(new Error('sent')) };
    expect(await run({ target, dryRun: true })).toMatchObject({ accepted: 1, invalid: 1, dryRun: true });
    expect(reportLines()).toHaveLength(1);
  });

  it('takes NDJSON commands as they are', async () => {
    const ndjson = join(directory, 'commands.ndjson');
    const command = { type: 'receipt', id: 'r-1', sku: 'A', location: 'store-1', occurredAt: WHEN, quantity: 5 };
    writeFileSync(ndjson, `${JSON.stringify(command)}\n{"type":"gift"}\nnonsense\n`);
    const log = createMemoryLog();
    const summary = await run({ file: ndjson, mapping: undefined, target: targetOver(log) });
    expect(summary).toMatchObject({ accepted: 1, invalid: 2 });
    expect(reportLines()).toMatchObject([
      { line: 2, reason: 'invalid-row', field: 'type', row: { type: 'gift' } },
      { line: 3, reason: 'unreadable-row', row: 'nonsense' },
    ]);
    expect(await commandIds(log)).toEqual(['r-1']);
  });

  it.each([
    [{ file: join(directory, 'none.csv') }, 'none.csv cannot be read'],
    [{ file: directory, format: 'csv' as const }, 'is not a file'],
    [{ mapping: undefined }, 'say with --mapping what its columns mean'],
    [{ batchRows: 0 }, 'batchRows must be a whole number from 1 to 10000'],
    [{ mapping: { ...MAPPING, group: ['Bil'] } }, 'The file has no column Bil'],
    [{ errorReport: join(directory, 'no', 'such') }, 'cannot be written'],
  ])('cannot run with %j', async (options, message) => {
    write([bill(1)]);
    await expect(run({ target: targetOver(createMemoryLog()), ...options })).rejects.toThrow(message);
  });
});

describe('an import whose target fails', () => {
  /** Answers from the script first; then as the actors do. */
  const scripted = (log: EventLog, script: ((commands: readonly StockCommandJson[]) => LineResult[] | undefined)[]) => {
    const through = targetOver(log);
    const sent: string[][] = [];
    const target: ImportTarget = {
      async submitBatch(commands, signal) {
        sent.push(commands.map(({ id }) => id));
        return script.shift()?.(commands) ?? through.submitBatch(commands, signal);
      },
    };
    return { target, sent };
  };
  const busy: LineResult = { outcome: 'failed', reason: 'overloaded', detail: 'later', retryAfterMs: 40 };
  const taken: LineResult = { outcome: 'accepted', duplicate: false };

  it('sends again only what is not settled, after as long as it was asked to wait', async () => {
    write([bill(1), bill(2), bill(3)]);
    const waits: number[] = [];
    const { target, sent } = scripted(createMemoryLog(), [() => [taken, busy, taken]]);
    const patience = { sleep: async (ms: number) => void waits.push(ms), random: () => 0.5 };
    expect(await run({ target, patience })).toMatchObject({ accepted: 3, status: 'complete' });
    expect(sent).toEqual([['B1:1', 'B2:1', 'B3:1'], ['B2:1']]);
    expect(waits).toEqual([40 + 50]);
  });

  it('stops in the end, and goes on where the last definite result was', async () => {
    write(Array.from({ length: 10 }, (_, n) => bill(n, n === 1 ? 'bad' : 1)));
    const log = createMemoryLog();
    const failing = Array.from({ length: 20 }, () => (some: readonly StockCommandJson[]) => some.map(() => busy));
    const { target } = scripted(log, [() => undefined, () => undefined, ...failing]);
    const first = await run({ target, batchRows: 2, concurrency: 1 });
    expect(first).toMatchObject({ status: 'unsettled', accepted: 3, invalid: 1, lastLine: 5 });
    expect(first.detail).toContain('overloaded');

    const { target: again, sent } = scripted(log, []);
    const second = await run({ target: again, batchRows: 2, concurrency: 1 });
    expect(second).toMatchObject({
      status: 'complete',
      resumedAfterLine: 5,
      accepted: 9,
      duplicates: 0,
      invalid: 1,
      rows: 10,
    });
    expect(sent.flat()).toEqual(['B4:1', 'B5:1', 'B6:1', 'B7:1', 'B8:1', 'B9:1']);
    expect(reportLines()).toHaveLength(1);
  });

  // Seen failing with an unsettled batch passed over while later ones were in flight.
  it('does not move on over a batch that is not settled although a later one is', async () => {
    write([bill(1), bill(2), bill(3)]);
    const { target } = scripted(createMemoryLog(), []);
    const stuckFirst: ImportTarget = {
      submitBatch: (some, signal) =>
        some[0]!.id === 'B1:1' ? Promise.resolve([busy]) : target.submitBatch(some, signal),
    };
    const summary = await run({ target: stuckFirst, batchRows: 1, concurrency: 3 });
    expect(summary).toMatchObject({ status: 'unsettled', lastLine: 0, accepted: 0 });
  });

  it('does not wait longer than anybody would', async () => {
    write([bill(1)]);
    const { target, sent } = scripted(createMemoryLog(), [() => [{ ...busy, retryAfterMs: 86_400_000 }]]);
    expect(await run({ target })).toMatchObject({ status: 'unsettled' });
    expect(sent).toHaveLength(1);
  });

  it('refuses the journal of another file', async () => {
    write([bill(1), bill(2)]);
    const { target } = scripted(createMemoryLog(), [() => undefined, () => [{ ...busy, retryAfterMs: 1e9 }]]);
    await run({ target, batchRows: 1, concurrency: 1 });
    write([bill(1), bill(2), bill(3)]);
    await expect(run({ target })).rejects.toThrow('is of another file or another mapping');
    expect(await run({ target, restart: true })).toMatchObject({ accepted: 2, duplicates: 1, status: 'complete' });
    writeFileSync(resumeFile, '{');
    await expect(run({ target })).rejects.toThrow('is no import journal');
  });

  it('sends a bounded number of batches at once, and requests one after another', async () => {
    const peak = async (rows: readonly StockCommandJson[]) => {
      const ndjson = join(directory, 'peak.ndjson');
      writeFileSync(ndjson, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      let inFlight = 0;
      let most = 0;
      const target: ImportTarget = {
        async submitBatch(some) {
          most = Math.max(most, ++inFlight);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inFlight -= 1;
          return some.map(() => taken);
        },
      };
      await run({ file: ndjson, mapping: undefined, target, batchRows: 1, concurrency: 3, resumeFile: undefined });
      return most;
    };
    const common = { sku: 'A', location: 'store-1', occurredAt: WHEN } as const;
    const sales = Array.from({ length: 9 }, (_, n) => ({ type: 'sale', id: `s${n}`, quantity: 1, ...common }) as const);
    const release = { type: 'reservation.release', reservationId: 'r', ...common } as const;
    expect(await peak(sales)).toBe(3);
    expect(await peak(sales.map(({ id }) => ({ ...release, id })))).toBe(1);
  });
});

describe('an import that is stopped anywhere and started again', () => {
  // Seen failing with the journal one line ahead, with {line} counted from where it resumed, and with the report not cut.
  it('leaves the same events and the same report as one that ran through', async () => {
    const row = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom<number | string>(1, 2, 'bad', 0));
    const stops = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), stops, async (rows, stopAfter) => {
        write(rows.map(([n, units]) => bill(n, units)));
        const whole = createMemoryLog();
        const through = await run({ target: targetOver(whole) });
        const expected = reportLines();

        const log = createMemoryLog();
        let summary = through;
        for (const calls of [...stopAfter, Number.POSITIVE_INFINITY]) {
          const stop = new AbortController();
          const target = targetOver(log);
          let left = calls;
          const stopping: ImportTarget = {
            submitBatch(some) {
              if (left-- <= 0) stop.abort();
              return target.submitBatch(some);
            },
          };
          summary = await run({ target: stopping, batchRows: 2, concurrency: 2, signal: stop.signal });
          if (summary.status === 'complete') break;
        }
        expect(summary.status).toBe('complete');
        expect(await commandIds(log)).toEqual(await commandIds(whole));
        expect(reportLines()).toEqual(expected);
        expect(summary.rows).toBe(through.rows);
        expect(summary.accepted + summary.duplicates).toBe(through.accepted);
        rmSync(errorReport, { force: true });
      }),
      { numRuns: 60 },
    );
  });
});
