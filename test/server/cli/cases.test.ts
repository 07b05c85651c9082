// `evenstock cases` against a running server: what it prints, its exit codes, and that it says what is wrong.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { casesCommand } from '../../../server/cli/cases/command.ts';
import { type Product, startProduct } from '../../support/product.ts';

const desk = {
  id: 'desk',
  scopes: ['cases:read' as const, 'cases:write' as const],
  locations: 'all' as const,
  channels: 'all' as const,
  key: generateKey(),
};
let product: Product;
let ids: string[];
beforeEach(async () => {
  product = await startProduct({ clients: [desk] });
  for (const sku of ['A', 'B', 'C']) await product.command({ type: 'sale', quantity: 2, sku });
  await expect.poll(async () => (await list()).length, { timeout: 10_000 }).toBe(3);
  ids = (await list()).map(({ id }) => id);
});
afterEach(async () => {
  process.exitCode = 0;
  await product.close();
});

/** Runs the command line against the product and answers what it printed. */
async function run(...words: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const server = ['--url', product.evenstock.url, '--key', desk.key];
    await casesCommand().parseAsync([...words, ...server], { from: 'user' });
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}
const list = async (...words: string[]) =>
  JSON.parse(await run('list', ...words, '--json')) as { id: string; owner: string; status: string }[];

it('lists what is open, by filter and up to a limit', async () => {
  const rows = (await run('list')).trimEnd().split('\n');
  expect(rows[0]).toMatch(/^case +severity +status +owner +age +what$/);
  expect(rows[1]).toMatch(/^shortfall-[0-9a-f]{16} +high +open +operations +0 min +2 units of [ABC] at warehouse are/);
  expect(rows).toHaveLength(4);
  expect(await list('--limit', '2')).toHaveLength(2);
  expect(await list('--sku', 'B', '--severity', 'high', '--location', 'warehouse')).toHaveLength(1);
  expect(await run('list', '--older-than', '60')).toBe('no such cases\n');
  expect(await run('list', '--overdue', '--kind', 'drift')).toBe('no such cases\n');
});

it('works on one or many, says what became of each, and exits with 2 when some were refused', async () => {
  expect(await run('assign', 'anna', ids[0]!, ids[1]!)).toMatch(
    /accepted +assigned, with anna\n.*assigned, with anna\n$/,
  );
  await run('comment', 'counting it', ids[0]!);
  expect(await run('retry', ids[0]!)).toMatch(/assigned, with anna: [ABC] at warehouse is oversold by 2\n$/);
  expect(await run('resolve', 'counted', ids[0]!)).toMatch(/accepted +resolved, with anna/);
  await run('dismiss', 'a test', ids[1]!);
  expect(process.exitCode ?? 0).toBe(0);
  expect(await run('assign', 'ben', ids[0]!, ids[2]!)).toMatch(/refused +the case is resolved since .*\n.*with ben\n$/);
  expect(process.exitCode).toBe(2);
  await expect.poll(() => list('--status', 'all')).toMatchObject({ length: 3 });

  const text = await run('show', ids[0]!);
  expect(text).toMatch(/^case +shortfall-/);
  expect(text).toMatch(/about +sku [ABC], location warehouse, source test, event stock-[ABC]~warehouse@0\n/);
  expect(text).toMatch(/status +resolved, high, with anna, 0 min old\n/);
  expect(text).toMatch(/could do +count the stock\n/);
  expect(text).toMatch(/Commented +desk +counting it\n/);
  expect(text).toMatch(/Retried +evenstock +[ABC] at warehouse is oversold by 2\n/);
  expect(text).toMatch(/Resolved +desk +counted\n/);
});

it('repeats a command by its id without a second effect', async () => {
  for (let n = 0; n < 2; n++) await run('comment', 'once', ids[0]!, '--id', 'c-1');
  const { comments } = JSON.parse(await run('show', ids[0]!, '--json')) as { comments: number };
  expect(comments).toBe(1);
});

it('says what the server answered', async () => {
  await expect(run('show', 'drift-0123456789abcdef')).rejects.toThrow('404: there is no case');
  await expect(run('list', '--kind', 'bug')).rejects.toThrow(/400: kind/);
  await expect(run('assign', 'a b', ids[0]!)).rejects.toThrow(/422.*owner/);
  await expect(run('list', '--limit', '0')).rejects.toThrow('whole number');
});
