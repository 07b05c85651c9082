// The importer against the real API over HTTP, and against a server that misbehaves as servers do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { StockCommandJson } from '../../../domain/stock/commands.ts';
import { httpTarget } from '../../../server/cli/import/http-target.ts';
import { importFile } from '../../../server/cli/import/import-file.ts';
import { runImport } from '../../../server/cli/import/run-import.ts';
import { listen } from '../../../server/serve.ts';
import { KEYS, NOON, receipt, shop } from '../support/shop.ts';

const directory = mkdtempSync(join(tmpdir(), 'evenstock-http-'));
afterAll(() => rmSync(directory, { recursive: true }));
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const clock = { now: () => NOON };
const commandsOf = (n: number) => Array.from({ length: n }, () => receipt()) as unknown as StockCommandJson[];

async function realServer() {
  const made = shop();
  const server = await listen(made.app, { host: '127.0.0.1', port: 0, connectionsMax: 10 });
  closers.push(() => server.close(1_000));
  return { url: server.url, ...made };
}

async function misbehaving(answers: RequestListener): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => answers(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('importing into a running server', () => {
  it('gets a result for every line', async () => {
    const { url, log } = await realServer();
    const file = join(directory, 'a.ndjson');
    const commands = [...commandsOf(1_200), receipt({ location: 'nowhere' }), receipt({ quantity: 10 })];
    writeFileSync(file, commands.map((command) => `${JSON.stringify(command)}\n`).join(''));
    const target = httpTarget({ url, apiKey: KEYS.writer });
    const summary = await importFile({ file, target, clock });
    expect(summary).toMatchObject({ accepted: 1_201, invalid: 1, status: 'complete' });
    expect((await log.read('stock-A~store-1', 1_200, 10)).length).toBe(1);
    expect(await importFile({ file, target, clock })).toMatchObject({ accepted: 0, duplicates: 1_201 });
  });

  it('ends at once with a wrong key or a key that may not write', async () => {
    const { url } = await realServer();
    await expect(httpTarget({ url }).submitBatch(commandsOf(1))).rejects.toThrow('Give a valid API key');
    const reader = httpTarget({ url, apiKey: KEYS.reader });
    await expect(reader.submitBatch(commandsOf(1))).rejects.toThrow('scope commands:write');
  });

  it('keeps a path that the address has, and refuses what is no address', async () => {
    let path: string | undefined;
    const url = await misbehaving((request, response) => {
      path = request.url;
      response.end('{"line":1,"outcome":"accepted","duplicate":false}\n');
    });
    await httpTarget({ url: `${url}/stock` }).submitBatch(commandsOf(1));
    expect(path).toBe('/stock/v1/commands/batch');
    expect(() => httpTarget({ url: 'localhost:8080' })).toThrow('is no http or https address');
  });
});

describe('a server that misbehaves', () => {
  const failed = (fields: object) => expect.objectContaining({ outcome: 'failed', ...fields });

  it.each([
    [429, '7', 7_000],
    [503, new Date(NOON + 90_000).toUTCString(), 90_000],
    [503, 'soon', 1_000],
    [502, undefined, 1_000],
    [507, '30', 30_000],
  ])('%i with Retry-After %s is sent again after %i ms', async (status, retryAfter, retryAfterMs) => {
    const url = await misbehaving((_, response) => {
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('busy');
    });
    const results = await httpTarget({ url, now: () => NOON }).submitBatch(commandsOf(2));
    expect(results).toEqual([failed({ retryAfterMs }), failed({ reason: `http-${status}` })]);
  });

  it('answers cut off, in nonsense or out of order leave no line without a result', async () => {
    const url = await misbehaving((_, response) => {
      const lines = [
        '{"line":3,"outcome":"accepted","duplicate":true,"more":1}',
        '<html>',
        '{"line":1,"outco',
        '{"line":9}',
      ];
      response.end(lines.join('\n'));
    });
    expect(await httpTarget({ url }).submitBatch(commandsOf(3))).toEqual([
      failed({ reason: 'unknown-outcome' }),
      failed({ reason: 'unknown-outcome' }),
      expect.objectContaining({ outcome: 'accepted', duplicate: true }),
    ]);
  });

  it('nobody there, a reset and silence are failures of every line', async () => {
    const nobody = httpTarget({ url: 'http://127.0.0.1:1' });
    expect(await nobody.submitBatch(commandsOf(2))).toEqual([failed({ reason: 'unreachable' }), failed({})]);
    const reset = await misbehaving((request) => request.socket.resetAndDestroy());
    expect(await httpTarget({ url: reset }).submitBatch(commandsOf(1))).toEqual([failed({})]);
    const silent = await misbehaving(() => {});
    expect(await httpTarget({ url: silent, timeoutMs: 50 }).submitBatch(commandsOf(1))).toEqual([failed({})]);
  });

  it('redirects nobody: a key is not sent elsewhere', async () => {
    const url = await misbehaving((_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end());
    expect(await httpTarget({ url, apiKey: KEYS.writer }).submitBatch(commandsOf(1))).toEqual([failed({})]);
  });
});

describe('the command', () => {
  const mapping = join(directory, 'm.json');
  writeFileSync(
    mapping,
    JSON.stringify({
      version: 1,
      fields: {
        type: 'sale',
        id: { column: 'Id' },
        sku: { column: 'Sku' },
        location: 'store-1',
        occurredAt: { column: 'When' },
        quantity: { column: 'Units', number: 'as-is' },
      },
    }),
  );
  const WHEN = '2026-11-23T10:00:00Z';

  async function run(name: string, rows: readonly string[], flags: object = {}) {
    const file = join(directory, name);
    writeFileSync(file, `Id,Sku,When,Units\n${rows.join('\n')}\n`);
    const { url } = await realServer();
    const texts: { stdout: string[]; stderr: string[] } = { stdout: [], stderr: [] };
    const sink = (to: keyof typeof texts) =>
      ({ write: (text: string) => texts[to].push(text) }) as unknown as NodeJS.WritableStream;
    const code = await runImport(
      { file, mapping, ...flags },
      {
        openTarget: () => httpTarget({ url, apiKey: KEYS.writer }),
        stdout: sink('stdout'),
        stderr: sink('stderr'),
        clock,
      },
    );
    return { code, stdout: texts.stdout.join(''), stderr: texts.stderr.join('') };
  }

  it('answers 0 when all is in', async () => {
    const { code, stdout, stderr } = await run('ok.csv', [`x1,A,${WHEN},1`, `x2,A,${WHEN},1`]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('accepted    2');
  });

  it('answers 2 when rows had no effect, and says where they are', async () => {
    const { code, stdout } = await run('some.csv', [`y1,A,${WHEN},1`, `y2,A,${WHEN},none`], { json: true });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      accepted: 1,
      invalid: 1,
      errorReport: expect.stringContaining('some.csv.errors.ndjson'),
    });
  });

  it.each<[string, object, string]>([
    ['a mapping that is not there', { mapping: join(directory, 'none.json') }, 'The mapping file cannot be read'],
    ['a file that is not there', { file: join(directory, 'none.csv') }, 'none.csv cannot be read'],
    ['a batch of nothing', { batch: 0 }, 'batchRows must be a whole number'],
  ])('answers 1 with %s', async (_, flags, message) => {
    const { code, stderr } = await run('ok.csv', [`z1,A,${WHEN},1`], flags);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
