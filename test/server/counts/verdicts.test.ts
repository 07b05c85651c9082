// What the sender of many lines is told when not all went well.
import { expect, it } from 'vitest';
import type { LinesJudged, LineVerdict } from '../../../server/counts/lines-on-sheets.ts';
import { linesResponse } from '../../../server/routes/count-verdicts.ts';

const taken: LineVerdict = { sku: 'A', outcome: 'accepted', status: 'applied' };
const refused: LineVerdict = { sku: 'B', outcome: 'refused', reason: 'already-counted', detail: 'B has been counted' };
const failed: LineVerdict = {
  ...{ sku: 'C', outcome: 'failed', reason: 'overloaded' },
  ...{ detail: 'too many commands wait', retryAfterMs: 1_500 },
};
const judged = (...lines: LineVerdict[]): LinesJudged => ({
  ...{ outcome: 'judged', duplicate: false, settled: true, position: 7n, lines },
});
const command = { type: 'approve', id: 'c-1', skus: ['A', 'B', 'C'] } as const;
const told = async (answer: Parameters<typeof linesResponse>[0]) => {
  const response = linesResponse(answer, { ...command, skus: [...command.skus] });
  return { status: response.status, retry: response.headers.get('retry-after'), body: await response.json() };
};

it('some lines failed: 202, their reason, and when to send the same again', async () => {
  expect(await told(judged(taken, refused, failed))).toEqual({
    status: 202,
    retry: '2',
    body: {
      ...{ commandId: 'c-1', outcome: 'accepted', duplicate: false, settled: true, position: '7' },
      lines: [taken, refused, { sku: 'C', outcome: 'failed', reason: 'overloaded', retryAfterMs: 1_500 }],
    },
  });
});

it('none was taken and some failed: the failure, which may pass', async () => {
  expect(await told(judged(refused, failed))).toMatchObject({
    status: 503,
    retry: '2',
    body: { reason: 'overloaded', commandId: 'c-1' },
  });
});

it('none was taken: the reason of the first, each named by its place', async () => {
  expect(await told(judged(refused, { ...refused, sku: 'D' }))).toMatchObject({
    status: 409,
    body: { reason: 'already-counted', errors: [{ path: '/skus/0' }, { path: '/skus/1', rule: 'already-counted' }] },
  });
});

it('stocks have not answered yet: 202; there is no such stocktake: 404', async () => {
  expect(await told({ ...judged(taken), settled: false })).toMatchObject({ status: 202, retry: null });
  const detail = 'there is no stocktake s';
  expect(await told({ outcome: 'refused', reason: 'unknown-stocktake', detail })).toMatchObject({ status: 404 });
});
