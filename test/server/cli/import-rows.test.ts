import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { Mapping } from '../../../server/cli/import/mapping.ts';
import { formatOf, readRows } from '../../../server/cli/import/read-rows.ts';
import type { BadRow, Row } from '../../../server/cli/import/row.ts';

const directory = mkdtempSync(join(tmpdir(), 'evenstock-rows-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function rowsOf(name: string, content: string | Uint8Array, csv: object | undefined = {}) {
  const file = join(directory, name);
  writeFileSync(file, content);
  const settings = csv === undefined ? undefined : Mapping.shape.csv.parse(csv);
  const rows: (Row | BadRow)[] = [];
  for await (const row of readRows(file, settings).rows) rows.push(row);
  return rows;
}
const ndjson = async (content: string | Uint8Array) => {
  const file = join(directory, 'lines.ndjson');
  writeFileSync(file, content);
  const rows: (Row | BadRow)[] = [];
  for await (const row of readRows(file, undefined).rows) rows.push(row);
  return rows;
};

describe('CSV rows', () => {
  it('keep their line, whatever the line ends, quotes and blank lines', async () => {
    const text = '\ufeffa,b\r\n1, x \r\n\r\n"2","y\ny"\r\n3,"say ""z"""\r\n';
    expect(await rowsOf('a.csv', text)).toEqual([
      { line: 2, cells: { a: '1', b: 'x' } },
      { line: 5, cells: { a: '2', b: 'y\ny' } },
      { line: 6, cells: { a: '3', b: 'say "z"' } },
    ]);
  });

  it('that are bad cost no other', async () => {
    const rows = await rowsOf('b.csv', 'a,b\n1,2\n3\n4,5,6\n9,10\n');
    expect(rows.map((row) => ('fault' in row ? `${row.line}: ${row.fault}` : row.cells['a']))).toEqual([
      '1',
      '3: has 1 columns instead of 2',
      '4: has 3 columns instead of 2',
      '9',
    ]);
  });

  it('are unpacked by the name of the file, and read in its encoding', async () => {
    const latin = gzipSync(Buffer.from('a;b\ncaf\xe9;\x80\n', 'latin1'));
    expect(await rowsOf('c.csv.gz', latin, { delimiter: ';', encoding: 'windows-1252' })).toEqual([
      { line: 2, cells: { a: 'café', b: '€' } },
    ]);
  });

  it('may have quotation marks that mean nothing', async () => {
    const rows = await rowsOf('q.csv', 'a,b\n12" ruler,"x\n', { quotes: 'literal' });
    expect(rows).toEqual([{ line: 2, cells: { a: '12" ruler', b: '"x' } }]);
  });

  it('need no header line when the columns are named', async () => {
    expect(await rowsOf('d.csv', '1,2\n', { columns: ['x', 'y'] })).toEqual([{ line: 1, cells: { x: '1', y: '2' } }]);
  });

  it('may have a column of any name', async () => {
    const [row] = (await rowsOf('e.csv', '__proto__,b\n1,2\n')) as Row[];
    expect(Object.entries(row!.cells)).toEqual([
      ['__proto__', '1'],
      ['b', '2'],
    ]);
  });

  it.each([
    ['twice.csv', 'a,a\n1,2\n', 'The header has the column "a" twice'],
    ['open.csv', 'a,b\n1,"2\n3,4\n', 'Quote Not Closed'],
    // Skipping such a row would take the next one with it, silently: seen with csv-parse's skip_records_with_error.
    ['stray.csv', 'a,b\n1,"8"x\n9,10\n', 'at line 2 instead of delimiter'],
    ['long.csv', `a,b\n${'x'.repeat(2 * 1024 * 1024)},1\n`, 'Max Record Size'],
    ['broken.csv.gz', 'not gzip', 'cannot be read'],
  ])('of %s cannot be read at all', async (name, content, message) => {
    await expect(rowsOf(name, content)).rejects.toThrow(message);
  });

  it('of a file that is not there', async () => {
    const { rows } = readRows(join(directory, 'none.csv'), Mapping.shape.csv.parse({}));
    await expect(rows[Symbol.asyncIterator]().next()).rejects.toThrow('none.csv cannot be read');
  });
});

describe('NDJSON rows', () => {
  it('stand alone', async () => {
    const text = '{"a":1,"b":null}\n\n[1]\n{"a":1,"a":2}\n{"a":\n{"a":" x ","b":{"c":1}}';
    expect(await ndjson(text)).toEqual([
      { line: 1, cells: { a: '1', b: '' }, command: { a: 1, b: null } },
      { line: 3, fault: 'is not a JSON object', text: '[1]' },
      { line: 4, fault: 'has the name "a" twice', text: '{"a":1,"a":2}' },
      { line: 5, fault: expect.stringContaining('is not JSON'), text: '{"a":' },
      { line: 6, cells: { a: 'x' }, command: { a: ' x ', b: { c: 1 } } },
    ]);
  });

  it('are UTF-8', async () => {
    expect(await ndjson(Buffer.from('{"a":"\xff"}\n', 'latin1'))).toEqual([
      { line: 1, fault: 'is not valid UTF-8', text: '{"a":"\ufffd"}' },
    ]);
  });

  it('are bounded', async () => {
    await expect(ndjson('x'.repeat(3 * 1024 * 1024))).rejects.toThrow('line 1 has more than 1 MiB');
  });
});

it('the format of a file is in its name', () => {
  expect(['a.CSV', 'a.tsv.gz', 'a.ndjson', 'a.jsonl.gz'].map(formatOf)).toEqual(['csv', 'csv', 'ndjson', 'ndjson']);
  expect(() => formatOf('a.xlsx')).toThrow('give --format');
});
