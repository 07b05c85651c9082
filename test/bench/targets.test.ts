import { describe, expect, it } from 'vitest';
import { type Figure, figure } from '../../bench/figure.ts';
import { createRequest, type RequestShape } from '../../bench/load/request.ts';
import { PARTS } from '../../bench/parts/all.ts';
import { median, percentile } from '../../bench/statistics.ts';
import { number, printReport } from '../../bench/table.ts';
import { judge, TARGETS } from '../../bench/targets.ts';

const figures = (...all: readonly Figure[]) => new Map(all.map((each) => [each.id, each]));
const verdictOf = (all: ReadonlyMap<string, Figure>, part: string) =>
  judge(all).find(({ title }) => title.includes(part))!;

describe('targets', () => {
  it('are not measured, and so not met, when a figure is missing', () => {
    expect(judge(figures()).map(({ verdict }) => verdict)).toEqual(TARGETS.map(() => 'not measured'));
  });

  it('name a part that there is', () => {
    expect(TARGETS.map(({ part }) => part).filter((part) => !PARTS.some(({ name }) => name === part))).toEqual([]);
  });

  // Seen failing with `named` ignored: all targets are shown as not measured.
  it('are those of the parts that were named, and what was measured anyway', () => {
    expect(judge(figures(), ['scale']).map(({ part }) => part)).toEqual(['scale', 'scale', 'scale']);
    const alone = figures(
      figure('http.evenstock.sale.hot', '', '/s', 10_000),
      figure('http.postgres.transaction.hot', '', '/s', 1_000),
    );
    const judged = judge(alone, ['http-evenstock', 'http-postgres']);
    expect(judged.map(({ title }) => title)).toEqual(['sales, hot SKU: rate ÷ PostgreSQL transaction']);
  });

  it('compare medians, and say by how much a target is missed', () => {
    const all = figures(
      figure('http.evenstock.sale.hot', '', '/s', [10_000, 12_000, 90_000]),
      figure('http.postgres.transaction.hot', '', '/s', [1_000, 1, 1_000]),
    );
    const judged = verdictOf(all, 'sales, hot SKU: rate ÷ PostgreSQL transaction');
    expect(judged).toMatchObject({ value: 12, target: '≥ 15 ×', verdict: 'missed' });
    expect(judged.missedBy).toBeCloseTo(0.2);
  });

  it('take p99 as how many times lower ours is', () => {
    const all = figures(
      figure('http.postgres.transaction.hot.p99', '', 'ms', 50),
      figure('http.evenstock.sale.hot.p99', '', 'ms', 10),
    );
    expect(verdictOf(all, 'sales, hot: p99 of PostgreSQL transaction')).toMatchObject({ value: 5, verdict: 'met' });
  });

  it('take flatness as the highest over the lowest', () => {
    const costs = [20, 22, 25].map((cost, n) => figure(`scale.stream.${10 ** (n + 1)}`, '', 'µs', cost));
    expect(verdictOf(figures(...costs), 'events in its stream')).toMatchObject({ value: 1.25, verdict: 'missed' });
  });
});

describe('statistics', () => {
  it('median and nearest-rank percentile', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(
      percentile(
        Array.from({ length: 100 }, (_, n) => n + 1),
        0.99,
      ),
    ).toBe(99);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('the load generator', () => {
  const shape: RequestShape = {
    port: 1,
    path: '/v1/commands/batch',
    headers: {},
    kind: 'reservation.make',
    commands: 3,
    skus: 100,
    idPrefix: 'run-',
    occurredAt: '2026-11-23T12:00:00Z',
  };
  const bodyOf = (bytes: Buffer) => bytes.toString().split('\r\n\r\n')[1]!;

  it('gives every command of every request an id of its own, and its length is right', () => {
    let id = 0;
    const request = createRequest(shape, () => ++id, Math.random);
    const ids = new Set<string>();
    for (let n = 0; n < 5; n++) {
      request.renew();
      const body = bodyOf(request.bytes);
      expect(request.bytes.toString()).toContain(`content-length: ${body.length}\r\n`);
      for (const command of JSON.parse(body) as { id: string; reservationId: string; sku: string }[]) {
        expect(command.reservationId).toBe(command.id);
        expect(command.sku).toMatch(/^SKU-00000\d\d$/);
        ids.add(command.id);
      }
    }
    expect(ids.size).toBe(15);
  });
});

describe('the table', () => {
  it('shows medians, verdicts and what was left out', () => {
    const all = figures(figure('projections.resident', 'memory', 'MB', [500, 480, 520], 'a note'));
    const machine = { cpu: 'C', cores: 2, memoryGiB: 8, os: 'O', kernel: 'K', node: 'v26', fileSystem: 'ext4' };
    const skipped = [{ part: 'postgres', why: 'not installed' }];
    const report = { at: '2026-11-23T12:00:00Z', mode: 'quick', machine, figures: [...all.values()], skipped };
    const text = printReport({ ...report, targets: judge(all) });
    expect(text).toContain('| 500 MB');
    expect(text).toContain('480 MB – 520 MB');
    expect(text).toContain('missed by 25 %');
    expect(text).toContain('postgres was skipped: not installed');
    expect(number(12_345.6, '/s')).toBe('12,346/s');
  });
});
