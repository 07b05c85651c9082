// `evenstock signals`: replenishment signals of a running server, page after page, for a spreadsheet or another program.
import { ConfigError } from '../config.ts';
import { requestServer, whatIsWrong } from './ask-server.ts';

export interface SignalsOptions {
  readonly url: string;
  readonly key?: string;
  readonly location?: string;
  readonly sku?: string;
  readonly reorder?: boolean;
  readonly transfers?: boolean;
  readonly format: 'csv' | 'ndjson';
}

const ACCEPT = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

/** @throws ConfigError when the server refuses, or does not answer */
export async function signals(options: SignalsOptions): Promise<void> {
  let path: string | undefined = firstPath(options);
  for (let page = 0; path !== undefined; page++) {
    const { ok, status, headers, text } = await requestServer(path, options, { accept: ACCEPT[options.format] });
    if (!ok) throw new ConfigError(`${options.url} answered ${status}: ${whatIsWrong(text)}`);
    process.stdout.write(page > 0 && options.format === 'csv' ? text.slice(text.indexOf('\r\n') + 2) : text);
    path = /<([^>]*)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
  }
}

function firstPath({ location, sku, reorder, transfers }: SignalsOptions): string {
  const query = new URLSearchParams({ limit: '2000' });
  if (location !== undefined) query.set('location', location);
  if (sku !== undefined) query.set('sku', sku);
  if (reorder && !transfers) query.set('reorder', 'true');
  return `/v1/signals${transfers ? '/transfers' : ''}?${query}`;
}
