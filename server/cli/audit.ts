// `evenstock audit`: who did what, when and why, as CSV or NDJSON on standard output; from a log that no server has open, or
// from a running server. How far it is goes to standard error.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { auditPages } from '../../projections/audit.ts';
import { type AuditFormat, auditHead, auditLine } from '../audit-lines.ts';
import { ConfigError } from '../config.ts';
import { whatIsWrong } from './ask-server.ts';
import { withLog } from './stores.ts';
import { instant, queryOf } from './times.ts';

export interface AuditOptions {
  readonly stream?: string;
  readonly sku?: string;
  readonly location?: string;
  readonly channel?: string;
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format: AuditFormat;
  readonly url?: string;
  readonly key?: string;
}

const SAY_EVERY_EVENTS = 100_000;
const ACCEPT: Readonly<Record<AuditFormat, string>> = { csv: 'text/csv', ndjson: 'application/x-ndjson' };

export async function audit(options: AuditOptions): Promise<void> {
  const lines = options.url === undefined ? undefined : await fromServer(options.url, options);
  if (lines !== undefined) return pipeline(lines, process.stdout, { end: false });
  await withLog(async (log) => {
    const { format, stream, sku, location, channel, type } = options;
    const filter = {
      stream,
      sku,
      location,
      channel,
      type,
      from: instant('--from', options.from),
      to: instant('--to', options.to),
    };
    const head = await log.head();
    async function* texts() {
      yield auditHead(format);
      let said = 0;
      for await (const { entries, upTo } of auditPages(log, filter, () => true)) {
        if (entries.length > 0) yield entries.map((entry) => auditLine(entry, format)).join('');
        if (Number(upTo) - said < SAY_EVERY_EVENTS) continue;
        said = Number(upTo);
        process.stderr.write(`position ${upTo} of ${head}\n`);
      }
    }
    await pipeline(texts, process.stdout, { end: false });
  });
}

/** Handed on as it comes. @throws ConfigError with what the server answered instead, or that it does not answer */
async function fromServer(url: string, options: AuditOptions): Promise<Readable> {
  const { stream, sku, location, channel, type, from, to, format, key = process.env['EVENSTOCK_KEY'] } = options;
  const query = queryOf({ stream, sku, location, channel, type, from, to });
  const headers = { accept: ACCEPT[format], ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
  let response: Response;
  try {
    response = await fetch(new URL(`/v1/audit${query}`, url), { headers, redirect: 'error' });
  } catch (error) {
    throw new ConfigError(`${url} does not answer: ${(error as Error).message}`);
  }
  if (!response.ok || response.body === null) {
    throw new ConfigError(`${url} answered ${response.status}: ${whatIsWrong(await response.text())}`);
  }
  return Readable.fromWeb(response.body);
}
