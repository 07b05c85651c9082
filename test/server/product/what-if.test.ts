// `evenstock what-if` over a log that a real server wrote: through its event feed while it runs, and from its directory
// when it has stopped; in each format, and with usage that is wrong.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { type WhatIfOptions, whatIf } from '../../../server/cli/what-if/what-if.ts';
import { type Product, startProduct } from '../../support/product.ts';

const KEY = generateKey();
const ALL = {
  id: 'analyst',
  key: KEY,
  scopes: ['admin' as const],
  locations: 'all' as const,
  channels: 'all' as const,
};
const CAREFUL = {
  version: 'careful',
  locations: [{ id: 'warehouse' }, { id: 'store-1', safetyStock: 1 }],
  channels: [{ id: 'webshop', locations: ['warehouse', 'store-1'], buffer: 7 }],
};
const OPTIONS = { format: 'json', lag: 0, asHappened: [], samples: 4 } as const;

let product: Product;
let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-what-if-'));
  const env = { DATA_DIR: directory, EVENT_LOG: `embedded:${join(directory, 'log')}` };
  product = await startProduct({ env, clients: [ALL] });
  await product.command({ type: 'receipt', quantity: 10 });
  for (let n = 0; n < 6; n++) await product.command({ type: 'sale', quantity: 1, channel: 'webshop' });
  await product.command({ type: 'sale', quantity: 5 });
  const { document } = (await product.get('/v1/policy')).body as { document: object };
  writeFileSync(file('same.json'), JSON.stringify({ ...document, version: 'same' }));
  writeFileSync(file('careful.json'), JSON.stringify(CAREFUL));
  writeFileSync(file('wrong.json'), JSON.stringify({ ...CAREFUL, locations: [] }));
});
afterAll(async () => {
  await product.close();
  rmSync(directory, { recursive: true, force: true });
});

async function printed(options: Partial<WhatIfOptions> & Pick<WhatIfOptions, 'policy'>): Promise<string> {
  const out: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  try {
    await whatIf({ ...OPTIONS, url: product.evenstock.url, key: KEY, ...options });
  } finally {
    write.mockRestore();
  }
  return out.join('');
}

describe('what-if on the command line', () => {
  it('under the same policy reports no difference', async () => {
    const { totals, channels } = JSON.parse(await printed({ policy: file('same.json') }));
    for (const { figures } of [{ figures: totals }, ...channels]) {
      for (const { difference } of Object.values(figures) as { difference: number }[]) expect(difference).toBe(0);
    }
    expect(totals.oversoldUnits).toMatchObject({ inForce: 1 });
  });

  it('under another says what it would have prevented, and what it would have cost', async () => {
    const report = JSON.parse(await printed({ policy: file('careful.json') }));
    expect(report.recorded.oversold).toEqual({ events: 1, units: 1 });
    // Of ten units the webshop shows three.
    expect(report.totals).toMatchObject({
      demandUnits: { inForce: 11, other: 11 },
      oversoldUnits: { inForce: 1, other: 0, difference: -1 },
      lostUnits: { inForce: 0, other: 3 },
      heldBackUnits: { other: 3 },
    });
    expect(report.assumptions.length).toBeGreaterThan(3);
    const csv = (await printed({ policy: file('careful.json'), format: 'csv' })).split('\r\n');
    expect(csv[0]).toBe('channel,figure,inForce,other,difference');
    expect(csv).toContain('webshop,notShownEvents,0,3,3');
    const text = await printed({ policy: file('careful.json'), format: 'text' });
    expect(text).toMatch(/oversold, units +1 +0 +-1\n/);
    expect(text).toMatch(/in force [▁▂▃▄▅▆▇█]+\n {2}other {4}[▁▂▃▄▅▆▇█]+ {2}0 to \d+\n/);
  });

  it('refuses what it cannot use, and says why', async () => {
    await expect(printed({ policy: file('wrong.json') })).rejects.toThrow(
      /--policy=.*wrong\.json is not a valid policy/,
    );
    await expect(printed({ policy: file('none.json') })).rejects.toThrow(/cannot be read/);
    const policy = file('careful.json');
    await expect(printed({ policy, from: 'yesterday' })).rejects.toThrow('--from yesterday');
    const [from, to] = ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'];
    await expect(printed({ policy, from, to })).rejects.toThrow('--from must lie before --to');
    await expect(printed({ policy, asHappened: ['nowhere'] })).rejects.toThrow('no such channel');
    await expect(printed({ policy, key: generateKey() })).rejects.toThrow('401');
    await expect(printed({ policy, from: '2030-01-01T00:00:00Z' })).rejects.toThrow('no events in this window');
  });

  it('reads the log of a server that has stopped, to the same report', async () => {
    const fromFeed = await printed({ policy: file('careful.json') });
    await product.evenstock.close();
    const cli = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
    const options = ['--policy', file('careful.json'), '--format', 'json', '--lag', '0', '--samples', '4'];
    const env = { ...process.env, DATA_DIR: directory, EVENT_LOG: `embedded:${join(directory, 'log')}` };
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'what-if', ...options], { env });
    // Meanwhile the marketplace may have been told once more, and stopping is in the log too.
    const [report, before] = [stdout, fromFeed].map((json) => JSON.parse(json));
    for (const figure of ['demandUnits', 'oversoldUnits', 'lostUnits', 'heldBackUnits', 'refusedRequests']) {
      expect(report.totals[figure]).toEqual(before.totals[figure]);
    }
    expect(report).toMatchObject({ from: before.from, recorded: before.recorded, assumptions: before.assumptions });
    expect(report.events).toBeGreaterThanOrEqual(before.events);
  });
});
