// `evenstock counts show` and `report`: what a running server knows of a stocktake.
import { ConfigError } from '../../config.ts';
import type { stocktakeView } from '../../routes/count-view.ts';
import { askServer, requestServer, type ServerOptions, whatIsWrong } from '../ask-server.ts';

export async function showStocktake(id: string, options: ServerOptions): Promise<void> {
  const path = `/v1/stocktakes/${encodeURIComponent(id)}`;
  const stocktake = (await askServer(path, options)) as ReturnType<typeof stocktakeView>;
  const { status, location, scope, openedAt, openedBy, progress, lines, units } = stocktake;
  const { expected, counted, found } = progress;
  const byStatus = Object.entries(lines).filter(([, count]) => count > 0);
  const facts = [
    ['stocktake', `${id}, ${scope === 'full' ? 'all' : 'some'} SKUs of ${location}`],
    ['status', `${status}, opened ${openedAt} by ${openedBy}`],
    ['counted', `${counted} of ${expected} SKUs, ${found} more found`],
    ['lines', byStatus.map(([name, count]) => `${count} ${name}`).join(', ') || 'none'],
    ['units', `${units.over} over, ${units.short} short`],
  ] as const;
  for (const [name, value] of facts) process.stdout.write(`${name.padEnd(10)}${value}\n`);
}

export interface ReportOptions extends ServerOptions {
  readonly status?: string;
  readonly format: 'csv' | 'json';
}

const LINES_A_PAGE = '1000';

/** Page by page, so that a large stocktake costs no memory: CSV with one header, or a JSON object a line. */
export async function reportStocktake(id: string, options: ReportOptions): Promise<void> {
  const { status, format } = options;
  const query = new URLSearchParams({ limit: LINES_A_PAGE, ...(status === undefined ? {} : { status }) });
  let path: string | undefined = `/v1/stocktakes/${encodeURIComponent(id)}/lines?${query}`;
  for (let isFirst = true; path !== undefined; isFirst = false) {
    const { ok, status: answered, text, headers } = await requestServer(path, options, { accept: 'text/csv' });
    if (!ok) throw new ConfigError(`${options.url} answered ${answered}: ${whatIsWrong(text)}`);
    if (format === 'csv') process.stdout.write(isFirst ? text : text.slice(text.indexOf('\r\n') + 2));
    else await printJson(path, options);
    path = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
  }
}

async function printJson(path: string, options: ServerOptions): Promise<void> {
  const { lines } = (await askServer(path, options)) as { readonly lines: readonly unknown[] };
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
}
