// The processing report of a JSON_LISTINGS_FEED: which of its messages Amazon found bad, by the number that they had.
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { reasonOf } from './failure.ts';
import { type CallSellingPartner, readAs } from './selling-partner-api.ts';

const Place = z.object({ url: z.url({ protocol: /^https?$/ }), compressionAlgorithm: z.string().optional() });
const Report = z.object({
  issues: z
    .array(
      z.object({
        messageId: z.int().optional(),
        code: z.string().optional(),
        severity: z.string(),
        message: z.string().catch(''),
      }),
    )
    .optional(),
});

const REPORT_BYTES_MAX = 32 * 1024 * 1024;
const DOWNLOAD_MS_MAX = 30_000;

/** Message number → why it was refused. Undefined: the report could not be had now. */
export async function readFeedReport(
  documentId: string,
  call: CallSellingPartner,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string> | undefined> {
  const answer = await call(
    { method: 'GET', path: `/feeds/2021-06-30/documents/${encodeURIComponent(documentId)}` },
    signal,
  );
  const place = answer.kind === 'ok' ? readAs(Place, answer.text) : undefined;
  if (place === undefined) return undefined;
  const text = await download(place.url, place.compressionAlgorithm === 'GZIP', signal);
  const report = text === undefined ? undefined : readAs(Report, text);
  if (report === undefined) return undefined;
  const refused = new Map<number, string>();
  for (const { messageId, code, severity, message } of report.issues ?? []) {
    if (severity !== 'ERROR' || messageId === undefined || refused.has(messageId)) continue;
    refused.set(messageId, reasonOf(code, message));
  }
  return refused;
}

async function download(url: string, isGzip: boolean, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_MS_MAX)]),
    });
    if (!response.ok || response.body === null) return undefined;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > REPORT_BYTES_MAX) return undefined;
      chunks.push(chunk);
    }
    const raw = Buffer.concat(chunks);
    return (isGzip ? gunzipSync(raw, { maxOutputLength: REPORT_BYTES_MAX }) : raw).toString();
  } catch {
    return undefined;
  }
}
