// The scenario's table and picture say what was measured, and nothing else.
import { describe, expect, it } from 'vitest';
import { CAUSES, noCauses } from './causes.ts';
import { DAY_MINUTES } from './day.ts';
import { picture } from './picture.ts';
import type { RunResult } from './result.ts';
import { causesTable, duration, resultTable, withTable } from './result-table.ts';

const run = (name: string, changes: Partial<RunResult> = {}): RunResult => ({
  ...{ name, erp: 'a ledger' },
  orders: { accepted: 1_600, oversold: 48, cancelled: 40, lost: 7 },
  lagMs: Array.from({ length: 100 }, (_, n) => (100 - n) * 9_000),
  calls: { made: 96, updates: 12_000 },
  causes: { oversold: { ...noCauses(), 'not told': 48 }, wrongMinutes: { ...noCauses(), 'not told': 90 } },
  manual: 52,
  driftAtEnd: 31,
  moments: [
    { at: 0, overshown: 0, undershown: 3, oversold: 0 },
    { at: 480, overshown: 17, undershown: 1, oversold: 30 },
    { at: DAY_MINUTES, overshown: 2, undershown: 0, oversold: 48 },
  ],
  ...changes,
});

describe('the table', () => {
  it('has a column a run, with figures of that run', () => {
    const even = run('Evenstock', { orders: { accepted: 0, oversold: 0, cancelled: 0, lost: 0 }, lagMs: [] });
    const rows = resultTable([run('today'), even])
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const row = (start: string) => rows.find(([, what]) => what!.startsWith(start))!.slice(2, 4);
    expect(row('oversold')).toEqual(['48 (3.0 %)', '0']);
    expect(row('a change reaches a channel, p50')).toEqual(['7.5 min', '–']);
    expect(row('a change reaches a channel, p99')).toEqual(['15 min', '–']);
    expect(row('units shown that nobody could have')).toEqual(['17', '17']);
    expect(row('updates in them')).toEqual(['12,000', '12,000']);
    expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([5]));
  });

  it('says of each cause what came of it', () => {
    const rows = causesTable([run('today')])
      .trimEnd()
      .split('\n');
    expect(rows).toHaveLength(2 + CAUSES.length);
    expect(rows.at(-1)).toContain('48 / 1.5 h');
    expect(rows.at(-2)).toContain('0 / 0 ms');
  });

  it('says times with two digits that matter', () => {
    const texts = [340, 999, 1_240, 59_000, 61_000, 900_000, 5_400_000, Number.NaN].map(duration);
    expect(texts).toEqual(['340 ms', '999 ms', '1.2 s', '59 s', '1.0 min', '15 min', '1.5 h', '–']);
  });

  it('takes the place of the one before, and only that', () => {
    const [begin, end] = ['<!-- scenario: written by npm run scenario -->', '<!-- /scenario -->'];
    const text = `# Top\n${begin}\nold\n${end}\nrest\n`;
    const once = withTable(text, '| new |\n');
    expect(once).toBe(`# Top\n${begin}\n| new |\n${end}\nrest\n`);
    expect(withTable(once, '| new |\n')).toBe(once);
    for (const bad of ['nothing', `${end}${begin}`, `${begin}${begin}${end}`, `${begin}${end}${end}`]) {
      expect(() => withTable(bad, '')).toThrow('once each');
    }
  });
});

describe('the picture', () => {
  const spans = [{ label: 'ERP <window> & "more"', from: 330, to: 450 }];
  const drawn = picture([run('today'), run('Evenstock')], spans);

  it('is the same for the same results, and well-formed', () => {
    expect(picture([run('today'), run('Evenstock')], spans)).toBe(drawn);
    const open: string[] = [];
    for (const [, close, name, empty] of drawn.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (empty) continue;
      if (close) expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
    expect(drawn).toContain('ERP &lt;window&gt; &amp; &quot;more&quot;');
    expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('draws each value where it is: the ends of the day at the edges, the most at the top', () => {
    const paths = [...drawn.matchAll(/<path d="(M[^"]+)" fill="none"/g)].map(([, path]) => path!);
    expect(paths).toHaveLength(4);
    // 17 of at most 20 units, half way through the day; bands end at 81, so the first panel is from 111 to 281.
    expect(paths[0]).toBe('M64 281H500V136.5H936V264');
    expect(paths[2]).toMatch(/^M64 /);
  });

  it('stays inside itself without anything to draw', () => {
    const empty = picture([run('today', { moments: [] })], []);
    expect(empty).not.toMatch(/NaN|Infinity|undefined/);
  });
});
