// `evenstock identifiers list | export`: what another system calls our names, as a table, or as the CSV that `import` takes.
import { ConfigError } from '../../config.ts';
import type { IdentifiersPage } from '../../routes/openapi/identifiers.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';
import { printJson, printTable } from '../print-table.ts';

type Row = (typeof IdentifiersPage)['_output']['identifiers'][number];

interface Which extends ServerOptions {
  readonly system: string;
  readonly what?: string;
}

const PAGE_ROWS = 2_000;

/** @throws ConfigError */
export async function listIdentifiers(
  options: Which & {
    readonly ours?: string;
    readonly theirs?: string;
    readonly limit: number;
    readonly json?: boolean;
  },
): Promise<void> {
  const rows: Row[] = [];
  for await (const row of pages(options, { ours: options.ours, theirs: options.theirs }, options.limit)) rows.push(row);
  if (options.json === true) return printJson(rows);
  const texts = rows.map(({ what, ours, theirs = '', aliases = [], more = {} }) => [
    ...[what, ours, theirs, aliases.join(' ')],
    Object.entries(more)
      .map((one) => one.join('='))
      .join(' '),
  ]);
  printTable(['what', 'ours', 'theirs', 'aliases', 'more'], texts, 'nothing is mapped');
}

/** An id that only aliases say has a line for each of them. @throws ConfigError */
export async function exportIdentifiers(options: Which & { readonly format: 'csv' | 'ndjson' }): Promise<void> {
  const rows: Row[] = [];
  for await (const row of pages(options, {}, Number.POSITIVE_INFINITY)) rows.push(row);
  const lines = rows.flatMap(({ what, ours, theirs, more, aliases = [] }) => [
    ...(theirs === undefined ? [] : [{ what, ours, theirs, action: 'map', more }]),
    ...aliases.map((alias) => ({ what, ours, theirs: alias, action: 'alias', more: undefined })),
  ]);
  if (options.format === 'ndjson') {
    for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const names = [...new Set(lines.flatMap(({ more = {} }) => Object.keys(more)))].sort();
  process.stdout.write(`what,ours,theirs,action${names.map((name) => `,more.${name}`).join('')}\n`);
  for (const { what, ours, theirs, action, more } of lines) {
    const cells = [what, ours, theirs, action, ...names.map((name) => more?.[name])];
    process.stdout.write(`${cells.map(exact).join(',')}\n`);
  }
}

/** RFC 4180, to the letter: what is exported must come back the same, whatever a spreadsheet makes of it. */
function exact(text = ''): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function* pages(
  { system, what, ...server }: Which,
  filter: { readonly ours?: string | undefined; readonly theirs?: string | undefined },
  limit: number,
): AsyncIterable<Row> {
  let cursor: string | undefined;
  for (let left = limit; left > 0; ) {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE_ROWS, left)) });
    const given = { what, cursor, ...filter };
    for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
    const path = `/v1/systems/${encodeURIComponent(system)}/identifiers?${query}`;
    const page = (await askServer(path, server)) as { identifiers?: readonly Row[]; next?: string };
    if (page.identifiers === undefined) throw new ConfigError(`${server.url} is no Evenstock`);
    yield* page.identifiers;
    left -= page.identifiers.length;
    if (page.next === undefined) return;
    cursor = page.next;
  }
}
