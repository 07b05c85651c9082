// POST /v1/tills/{device}/upload with real actors: a verdict a line, bad lines apart, the same upload again gives nothing.
import { describe, expect, test } from 'vitest';
import { LineAnswer } from '../../server/routes/openapi/schemas.ts';
import { UploadSummary } from '../../server/routes/openapi/tills.ts';
import { problemOf, type Shop, shop } from './support/shop.ts';

const HEADER = 'counter,type,sku,quantity,occurredAt,location,disposition,reason';
const AT = '2026-11-23T09:00:00Z';

const upload = (
  { send }: Shop,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'text/csv',
  query = '?location=store-1',
) => send('POST', `/v1/tills/till-7/upload${query}`, { body, headers: { 'content-type': type } });

async function answered(response: Response) {
  expect(response.status).toBe(200);
  const lines = (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { verdicts: lines.slice(0, -1).map((line) => LineAnswer.parse(line)), ...UploadSummary.parse(lines.at(-1)) };
}
const csv = (...rows: string[]) => [HEADER, ...rows].join('\r\n');

describe('an upload of a till', () => {
  test('takes CSV: sales, returns, receipts, counts and adjustments, at the location of the line or of the upload', async () => {
    const room = shop();
    const rows = [
      `1,receipt,A,10,${AT},,,`,
      `2,sale,A,3,${AT},store-2,,`,
      `3,return,A,1,${AT},,restock,`,
      `4,adjustment,A,-2,${AT},,,"dropped, broken"`,
      `5,count,B,0,${AT},,,`,
    ];
    const { verdicts, summary } = await answered(await upload(room, csv(...rows)));
    expect(verdicts.map(({ line, commandId, outcome }) => [line, commandId, outcome])).toEqual(
      rows.map((_, n) => [n + 2, `till:till-7:${n + 1}`, 'accepted']),
    );
    expect(summary).toMatchObject({ lines: 5, accepted: 5, duplicates: 0, invalid: 0, failed: 0 });
    const events = await eventsOf(room);
    expect(
      events.map(({ type, stream, data }) => [type, stream.split('~')[1], data['source'], data['sequence']]),
    ).toEqual([
      ['UnitsReceived', 'store-1', 'till-7', 1],
      ['UnitsSold', 'store-2', 'till-7', 2],
      ['UnitsReturned', 'store-1', 'till-7', 3],
      ['StockAdjusted', 'store-1', 'till-7', 4],
      ['StockCounted', 'store-1', 'till-7', 5],
    ]);
    expect(events[3]!.data['reason']).toBe('dropped, broken');
  });

  test('takes NDJSON the same way, and both files of one till are one', async () => {
    const room = shop();
    await answered(await upload(room, csv(`1,sale,A,3,${AT},,,`)));
    const line = { counter: 1, type: 'sale', sku: 'A', quantity: 3, occurredAt: AT };
    const next = { ...line, counter: 2 };
    const body = [line, next].map((one) => JSON.stringify(one)).join('\n');
    const { summary } = await answered(await upload(room, body, 'application/x-ndjson'));
    expect(summary).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await room.log.head()).toBe(1n);
  });

  test('sent again, whole, in part or in another order, it gives no new event', async () => {
    const room = shop();
    const rows = Array.from({ length: 450 }, (_, n) => `${n + 1},sale,SKU-${n % 7},1,${AT},,,`);
    await answered(await upload(room, csv(...rows)));
    const head = await room.log.head();
    for (const again of [rows, rows.slice(200), rows.toReversed()]) {
      const { summary } = await answered(await upload(room, csv(...again)));
      expect(summary).toMatchObject({ lines: again.length, accepted: 0, duplicates: again.length });
    }
    expect(await room.log.head()).toBe(head);
  });

  test('a bad line costs no other', async () => {
    const room = shop({ policy: { skus: ['A'] } });
    const rows: readonly (readonly [row: string, reason: string | undefined])[] = [
      [`1,sale,A,1,${AT},,,`, undefined],
      [`2,sale,A,"1,${AT},,,`, 'invalid-json'],
      [`3,sale,A,1,${AT},,,,`, 'invalid-json'],
      [`4,sale,A,1.5,${AT},,,`, 'invalid-command'],
      [`five,sale,A,1,${AT},,,`, 'invalid-command'],
      ['6,sale,A,1,yesterday,,,', 'invalid-command'],
      [`7,sale,A,0,${AT},,,`, 'invalid-command'],
      [`8,theft,A,1,${AT},,,`, 'invalid-command'],
      [`9,sale,B,1,${AT},,,`, 'unknown-sku'],
      [`10,sale,A,1,${AT},nowhere,,`, 'unknown-location'],
      [`11,sale,"A"x,1,${AT},,,`, 'invalid-json'],
      [`12,return,A,1,${AT},,,`, 'invalid-command'],
      [`13,sale,"A",1,${AT},,,`, undefined],
    ];
    const { verdicts: byCounter, summary } = await answered(await upload(room, csv(...rows.map(([row]) => row))));
    const verdicts = byCounter.toSorted((a, b) => a.line - b.line);
    expect(verdicts.map((verdict) => ('reason' in verdict ? verdict.reason : undefined))).toEqual(
      rows.map(([, reason]) => reason),
    );
    expect(verdicts[3]).toMatchObject({ line: 5, commandId: 'till:till-7:4', errors: [{ path: '/quantity' }] });
    expect(summary).toMatchObject({ lines: 13, accepted: 2, invalid: 11 });
  });

  test('bytes that are no UTF-8 make their line bad and no other', async () => {
    const body = Buffer.concat([
      Buffer.from(`${HEADER}\n1,sale,A`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`,1,${AT},,,\n2,sale,A,1,${AT},,,\n`),
    ]);
    const { verdicts } = await answered(await upload(shop(), new Uint8Array(body)));
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['invalid', 'accepted']);
  });

  test('one counter for two things is no repeat: the second is named with the line of the first', async () => {
    const room = shop();
    const { verdicts } = await answered(
      await upload(
        room,
        csv(
          `1,sale,A,1,${AT},,,`,
          `2,sale,A,1,${AT},,,`,
          `1,sale,A,1,${AT},,,`,
          `1,sale,A,2,${AT},,,`,
          `2,sale,B,1,${AT},,,`,
        ),
      ),
    );
    expect(verdicts.map(({ line, outcome }) => [line, outcome])).toEqual([
      [2, 'accepted'],
      [4, 'accepted'],
      [5, 'invalid'],
      [3, 'accepted'],
      [6, 'invalid'],
    ]);
    expect(verdicts[2]).toMatchObject({ detail: '/counter 1 stands for something else in line 2' });
    expect(await room.log.head()).toBe(1n);
  });

  test.each([
    ['no header', `1,sale,A,1,${AT}`, 'text/csv', 422, 'invalid-command'],
    ['a column nobody knows', 'counter,type,sku,quantity,occurredAt,price\n', 'text/csv', 422, 'invalid-command'],
    ['a column twice', `${HEADER},sku\n`, 'text/csv', 422, 'invalid-command'],
    ['a column missing', 'counter,type,sku,quantity\n', 'text/csv', 422, 'invalid-command'],
    ['nothing but a header', `${HEADER}\n`, 'text/csv', 422, 'invalid-command'],
    ['nothing', '', 'application/x-ndjson', 400, 'invalid-json'],
    ['JSON', '[]', 'application/json', 415, 'unsupported-media-type'],
  ])('is refused whole with %s', async (_, body, type, status, reason) => {
    const response = await upload(shop(), body, type);
    expect(response.status).toBe(status);
    expect((await problemOf(response)).type).toContain(reason);
  });

  test('is refused with more lines than there may be, and for a device that is no name', async () => {
    const room = shop({ limits: { batchLinesMax: 3 } });
    const many = csv(...Array.from({ length: 4 }, (_, n) => `${n},sale,A,1,${AT},,,`));
    expect((await problemOf(await upload(room, many))).type).toContain('too-many-lines');
    const response = await room.send('POST', '/v1/tills/a%20b/upload', {
      body: many,
      headers: { 'content-type': 'text/csv' },
    });
    expect(response.status).toBe(400);
  });

  test('a file of a spreadsheet begins with a byte order mark', async () => {
    const { summary } = await answered(await upload(shop(), `\uFEFF${csv(`1,sale,A,1,${AT},,,`)}`));
    expect(summary.accepted).toBe(1);
  });
});

async function eventsOf({ log }: Shop) {
  const events = (await log.readAll(-1n, 100)) as readonly {
    readonly type: string;
    readonly stream: string;
    readonly data: Readonly<Record<string, unknown>>;
  }[];
  return events.toSorted((a, b) => Number(a.data['sequence']) - Number(b.data['sequence']));
}
