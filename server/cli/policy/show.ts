// `evenstock policy show` and `history`: what is, was and will be in force.
import type { z } from 'zod';
import type { PolicyHistoryPage, PolicyVersionDocument } from '../../routes/openapi/policy.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';

interface Options extends ServerOptions {
  readonly json?: boolean;
}

type Page = z.infer<typeof PolicyHistoryPage>;

/** The document alone, so that it can be edited and applied; with `json` also who took it and when. */
export async function show(version: string | undefined, options: Options & { readonly at?: string }): Promise<void> {
  const at = options.at === undefined ? '' : `?${new URLSearchParams({ at: options.at })}`;
  const path = version === undefined ? `/v1/policy${at}` : `/v1/policy/versions/${encodeURIComponent(version)}`;
  const shown = (await askServer(path, options)) as z.infer<typeof PolicyVersionDocument>;
  process.stdout.write(options.json ? `${JSON.stringify(shown)}\n` : `${JSON.stringify(shown.document, null, 2)}\n`);
}

export async function history(options: Options): Promise<void> {
  const versions: Page['versions'][number][] = [];
  let lowerings: Page['lowerings'] = [];
  let before = '';
  for (;;) {
    const page = (await askServer(`/v1/policy/history?limit=500${before}`, options)) as Page;
    versions.push(...page.versions);
    if (before === '') lowerings = page.lowerings;
    if (page.next === undefined) break;
    before = `&before=${page.next}`;
  }
  if (options.json) return void process.stdout.write(`${JSON.stringify({ versions, lowerings })}\n`);
  const rows = versions.map(({ version, state, effectiveFrom, author, reason, cancelled }) => {
    const why = cancelled === undefined ? reason : `${reason}; cancelled by ${cancelled.author}: ${cancelled.reason}`;
    return [version, state, effectiveFrom, author, why];
  });
  const columns = ['version', 'state', 'from', 'author', 'reason'];
  const widths = columns.map((name, n) => Math.max(name.length, ...rows.map((row) => row[n]!.length)));
  for (const row of [columns, ...rows]) {
    const cells = row.map((cell, n) => cell.padEnd(widths[n]!));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
  for (const { channel, reason, from, to } of lowerings) {
    process.stdout.write(`${channel} was lowered from ${from} to ${to ?? 'now'}: ${reason}\n`);
  }
}
