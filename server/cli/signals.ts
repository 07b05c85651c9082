// `evenstock signals`: replenishment signals of a running server, page after page, for a spreadsheet or another program.
import { ConfigError } from '../config.ts';

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

/** @throws ConfigError when the server refuses */
export async function signals(options: SignalsOptions): Promise<void> {
  const key = options.key ?? process.env['EVENSTOCK_KEY'];
  const headers = { accept: ACCEPT[options.format], ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
  let path: string | undefined = firstPath(options);
  for (let page = 0; path !== undefined; page++) {
    const response: Response = await fetch(new URL(path, options.url), { headers });
    const text = await response.text();
    if (!response.ok) throw new ConfigError(`${options.url} answered ${response.status}: ${detailOf(text)}`);
    process.stdout.write(page > 0 && options.format === 'csv' ? text.slice(text.indexOf('\r\n') + 2) : text);
    path = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  }
}

function firstPath({ location, sku, reorder, transfers }: SignalsOptions): string {
  const query = new URLSearchParams({ limit: '2000' });
  if (location !== undefined) query.set('location', location);
  if (sku !== undefined) query.set('sku', sku);
  if (reorder && !transfers) query.set('reorder', 'true');
  return `/v1/signals${transfers ? '/transfers' : ''}?${query}`;
}

function detailOf(text: string): string {
  try {
    const { detail, title } = JSON.parse(text) as { readonly detail?: string; readonly title?: string };
    return detail ?? title ?? text.slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}
