import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileMapping, createPlaces, type Mapped } from '../../../server/cli/import/map-row.ts';
import { Mapping, type MappingJson, parseMapping } from '../../../server/cli/import/mapping.ts';

const BASE: MappingJson = {
  version: 1,
  fields: {
    id: { template: 'f:{Ref}' },
    sku: { column: 'Code', case: 'upper' },
    location: { column: 'Shop', table: { North: 'store-1', South: 'store-2' } },
    occurredAt: { column: 'When', time: { format: 'yyyy-MM-dd HH:mm', zone: 'Europe/London' } },
    quantity: { column: 'Units', number: 'as-is' },
  },
  rules: [
    {
      name: 'return',
      when: [{ column: 'Units', below: 0 }],
      fields: { type: 'return', disposition: 'restock', quantity: { column: 'Units', number: 'negated' } },
    },
    { name: 'sale', fields: { type: 'sale' } },
  ],
};
const ROW = { Ref: 'R1', Code: 'ab-1', Shop: 'North', When: '2026-07-01 10:00', Units: '3', Note: '' };

function map(cells: Partial<typeof ROW>, mapping: Partial<MappingJson> = {}, columns = Object.keys(ROW)): Mapped {
  const mapRow = compileMapping(Mapping.parse({ ...BASE, ...mapping }), columns);
  return mapRow({ line: 2, cells: { ...ROW, ...cells } }, { line: 4, row: 7 });
}

describe('a mapping', () => {
  it('makes a command of a row', () => {
    expect(map({})).toEqual({
      command: {
        type: 'sale',
        id: 'f:R1',
        sku: 'AB-1',
        location: 'store-1',
        occurredAt: '2026-07-01T09:00:00.000Z',
        quantity: 3,
      },
    });
  });

  it('takes the first rule whose conditions hold, whose fields come before those of all rows', () => {
    expect(map({ Units: '-2' })).toMatchObject({ command: { type: 'return', quantity: 2, disposition: 'restock' } });
  });

  it('puts source and sequence under source', () => {
    const fields = { ...BASE.fields, source: 'till', sequence: { template: '{row}' } };
    expect(map({}, { fields })).toMatchObject({ invalid: { field: 'source' } });
    const numbered = { ...BASE.fields, source: 'till', sequence: { column: 'Units', number: 'absolute' as const } };
    expect(map({}, { fields: numbered })).toMatchObject({ command: { source: { id: 'till', sequence: 3 } } });
  });

  it('fills templates with columns and places, and makes slugs', () => {
    const fields = {
      ...BASE.fields,
      id: { template: '{Ref}:{line}:{row}' },
      location: { column: 'Shop', slug: true as const },
    };
    const mapped = map({ Shop: "  Côte d'Ivoire " }, { fields, group: ['Ref'] });
    expect(mapped).toMatchObject({ command: { id: 'R1:4:7', location: 'cote-d-ivoire' } });
  });

  it('leaves out an empty cell when told to', () => {
    const fields = { ...BASE.fields, channel: { column: 'Note', whenEmpty: 'omit' as const } };
    expect(map({}, { fields })).not.toHaveProperty('command.channel');
    expect(map({ Note: 'web' }, { fields })).toMatchObject({ command: { channel: 'web' } });
  });

  it.each([
    [{ column: 'Code', case: 'upper' as const, in: ['AB-1'] }, true],
    [{ column: 'Code', is: 'AB-1' }, false],
    [{ column: 'Code', startsWith: 'ab' }, true],
    [{ column: 'Code', startsWith: 'ab', not: true as const }, false],
    [{ column: 'Note', empty: true }, true],
    [{ column: 'Units', above: 3 }, false],
    [{ column: 'Units', above: 2 }, true],
    [{ column: 'Units', below: 3 }, false],
  ])('condition %j: %s', (condition, holds) => {
    const skip = [{ reason: 'out', when: [condition] }];
    expect('skipped' in map({}, { skip })).toBe(holds);
  });

  it('needs all conditions of a list', () => {
    const when = [
      { column: 'Note', empty: true },
      { column: 'Units', above: 3 },
    ];
    expect(map({}, { skip: [{ reason: 'out', when }] })).toHaveProperty('command');
  });

  it.each<[Partial<typeof ROW>, object]>([
    [
      { Units: '1.5' },
      { rule: 'return', column: 'Units', detail: 'column Units has "1.5", which is not a whole number' },
    ],
    [{ Units: '0' }, { rule: 'sale', column: 'Units', field: 'quantity', detail: 'quantity 0: must be at least 1' }],
    [{ Units: '1e3' }, { column: 'Units' }],
    [{ Units: '' }, { column: 'Units' }],
    [
      { Shop: 'East' },
      {
        rule: 'sale',
        column: 'Shop',
        field: 'location',
        detail: 'column Shop has "East", which the table does not list',
      },
    ],
    [
      { When: '2026-02-30 10:00' },
      { column: 'When', field: 'occurredAt', detail: 'column When "2026-02-30 10:00" is a time that does not exist' },
    ],
    [{ Code: '' }, { column: 'Code', detail: 'column Code is empty' }],
    [{ Code: 'Ａ1' }, { column: 'Code', field: 'sku' }],
    [{ Code: 'caf\ufffd' }, { column: 'Code', detail: 'column Code has bytes that are not text: set csv.encoding' }],
    [{ Ref: '' }, { column: 'Ref', field: 'id', detail: 'column Ref is empty' }],
    [{ Ref: 'R 1' }, { column: 'Ref', field: 'id' }],
  ])('says of %j where and why', (cells, invalid) => {
    expect(map(cells)).toMatchObject({ invalid });
  });

  it('refuses a row that no rule fits', () => {
    const rules = [{ name: 'sale', when: [{ column: 'Units', above: 5 }], fields: { type: 'sale' } }];
    expect(map({}, { rules })).toEqual({ invalid: { detail: 'no rule of the mapping fits this row' } });
  });

  it('does not take a cell for more than text', () => {
    expect(map({ Shop: '__proto__' })).toMatchObject({ invalid: { column: 'Shop' } });
    expect(map({ Shop: 'constructor' })).toMatchObject({ invalid: { column: 'Shop' } });
  });

  it('is checked against the columns before the first row', () => {
    expect(() => map({}, {}, ['Ref', 'Code', 'Shop', 'When'])).toThrow('The file has no column Units; it has: Ref');
    const fields = { ...BASE.fields, id: { template: '{Ref}:{line}' } };
    expect(() => map({}, { fields })).toThrow('say with "group" which rows are numbered together');
    expect(() => map({}, { fields, group: ['Ref'] }, [...Object.keys(ROW), 'line'])).toThrow('a column named line');
  });

  it('numbers the rows of each group', () => {
    const placeOf = createPlaces(['a', 'b']);
    const rows = [
      ['1', '2'],
      ['1', '2'],
      ['1,2', ''],
      ['1', '2'],
    ].map(([a, b]) => placeOf({ a: a!, b: b! }));
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 1, 3]);
    expect(rows.map(({ row }) => row)).toEqual([1, 2, 3, 4]);
  });
});

describe('a mapping file', () => {
  const faultsOf = (json: unknown) => {
    try {
      parseMapping(JSON.stringify(json), 'm.json');
    } catch (error) {
      return (error as Error).message;
    }
    return 'valid';
  };

  it('is read whole, every fault at once', () => {
    const fields = { skuu: 'A', occurredAt: { column: 'T', time: { format: 'HH:mm', zone: 'Mars/Base' } } };
    const message = faultsOf({
      version: 1,
      fields,
      skip: [{ reason: 'x', when: [{ column: 'A', is: 'a', below: 1 }] }],
    });
    expect(message).toContain('m.json is not a valid mapping');
    expect(message).toContain('skuu');
    expect(message).toContain('skip.0.when.0: must have exactly one of is, in, startsWith, below, above, empty');
  });

  it('names the place of a wrong time zone', () => {
    const message = faultsOf({
      version: 1,
      fields: { occurredAt: { column: 'T', time: { format: 'yyyy', zone: 'Mars/Base' } } },
    });
    expect(message).toMatch(/fields\.occurredAt/);
  });

  it('is JSON', () => {
    expect(() => parseMapping('{"version": 1', 'm.json')).toThrow('m.json is not JSON');
  });

  it('is there as an example that is valid', () => {
    const example = new URL('../../../docs/examples/online-retail.mapping.json', import.meta.url);
    expect(parseMapping(readFileSync(example, 'utf8'), 'example').rules.map(({ name }) => name)).toEqual([
      'return',
      'adjustment',
      'sale',
    ]);
  });
});
