// POST /v1/tills/{device}/upload: what a till kept while it was offline, as CSV or NDJSON, with a verdict a line and a
// summary at the end, streamed. Lines are judged in pieces that leave live traffic its time. Sent again, whole or from any
// line on, it gives no new event. GET /v1/tills/{device}: what has arrived of it, what is missing, and what is lent to it.

import { z } from 'zod';
import { ChannelId, LocationId } from '../../domain/stock/stream.ts';
import { DeviceId } from '../../domain/till/escrow.ts';
import { csvLines } from '../tills/csv-lines.ts';
import { inCounterOrder } from '../tills/in-counter-order.ts';
import { createTally, type Tally } from '../tills/tally.ts';
import { uploadLines } from '../tills/upload-lines.ts';
import { type Api, type ApiContext, admit, charge, json, type Route, traceparentOf } from './api.ts';
import { text } from './count-view.ts';
import { answerInPieces } from './intake/answer-in-pieces.ts';
import { batchLines } from './intake/batch-lines.ts';
import { bodyFormat, readBody } from './intake/body.ts';
import { judgeLines, type Sending } from './intake/judge-lines.ts';
import { readQuery, segmentBy } from './intake/query.ts';
import { lentTo, postEscrow } from './till-escrow.ts';

/** Few, so that a piece is over in some milliseconds. */
const PIECE_LINES = 50;
/** Of the time, at most: what a till kept for hours may take some seconds, a sale at a till may not. */
const SHARE = 0.5;

export const TillUploadQuery = z.strictObject({
  location: LocationId.optional().meta({ description: 'Of lines that name none' }),
  channel: ChannelId.optional().meta({ description: 'Of sales and returns that name none' }),
});

export async function postTillUpload(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const client = admit(api, c, 'commands:write', 0);
  const device = segmentBy(c, 'device', DeviceId);
  const { location, channel } = readQuery(c, TillUploadQuery);
  const format = bodyFormat(c, ['csv', 'ndjson']);
  const leave = api.batches.enter(client.id);
  try {
    const bytes = await readBody(c, api.limits.batchBytesMax);
    const { batchLinesMax } = api.limits;
    const given = format === 'csv' ? csvLines(bytes, batchLinesMax) : batchLines(bytes, format, batchLinesMax);
    charge(api, client, given.count);
    const lines = await inCounterOrder(given, api.uploads);
    const sending: Sending = {
      client,
      traceparent,
      lines: uploadLines(api, client, lines, { device, location, channel }),
    };
    return new Response(answers(api, sending, device, leave), {
      headers: { 'content-type': 'application/x-ndjson' },
    });
  } catch (error) {
    leave();
    throw error;
  }
}

/** When the sender goes away, what was not begun is not begun. */
function answers(api: Api, sending: Sending, device: string, leave: () => void): ReadableStream<Uint8Array> {
  const tally = createTally();
  const judge = async (from: number, to: number) => {
    const judged = await api.uploads.take(() => judgeLines(api, sending, from, to));
    tally.add(judged.answers);
    return judged.text;
  };
  const last = async () => `${JSON.stringify({ summary: await summaryOf(api, device, tally) })}\n`;
  return answerInPieces({ count: sending.lines.count, size: PIECE_LINES, share: SHARE, judge, last, leave });
}

/** `arrived` is left out where the figures did not come up to the upload in time. */
async function summaryOf(api: Api, device: string, tally: Tally) {
  const { position, ...counts } = tally.total();
  const isKnown = position === undefined || (await api.availability.waitFor(position, api.limits.readWaitMsMax));
  return isKnown ? { ...counts, arrived: arrivedOf(api, device) } : counts;
}

function arrivedOf(api: Api, device: string) {
  const known = api.sourceGaps?.().find(({ source }) => source === device);
  if (known === undefined) return undefined;
  const { highest, gaps, lastSeenAt } = known;
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return { highest, missing, gaps: gaps.slice(0, GAPS_MAX), lastSeenAt: text(lastSeenAt) };
}
/** Told at once; /v1/sources has them all. */
const GAPS_MAX = 100;

/** What is lent to it as a key may see it: at its own locations. */
function getTill(api: Api, c: ApiContext): Response {
  const client = admit(api, c, 'stock:read');
  const device = segmentBy(c, 'device', DeviceId);
  readQuery(c, NoQuery);
  const lent = [...lentTo(api, device, client)].map((one) => ({ ...one, expiresAt: text(one.expiresAt) }));
  return json({ device, arrived: arrivedOf(api, device), lent });
}
const NoQuery = z.strictObject({});

export const TILLS_ROUTES: readonly Route[] = [
  ['post', '/v1/tills/:device/upload', postTillUpload],
  ['post', '/v1/tills/:device/escrow', postEscrow],
  ['get', '/v1/tills/:device', getTill],
];
