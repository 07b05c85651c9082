// `evenstock cases assign | comment | retry | resolve | dismiss`: one command for each of some cases, with a result for each.
// Exits with 2 when some were refused: what was taken is taken.
import { randomUUID } from 'node:crypto';
import { askServer, type ServerOptions } from '../ask-server.ts';
import { printJson, printTable } from '../print-table.ts';

export type CaseCommandJson =
  | { readonly type: 'assign'; readonly owner: string }
  | { readonly type: 'comment'; readonly text: string }
  | { readonly type: 'retry' }
  | { readonly type: 'resolve'; readonly resolution: string }
  | { readonly type: 'dismiss'; readonly reason: string };

interface Result {
  readonly case: string;
  readonly outcome: 'accepted' | 'refused' | 'failed';
  readonly status?: string;
  readonly owner?: string;
  readonly lastRetry?: string;
  readonly reason?: string;
  readonly detail?: string;
}

const CASES_MAX = 500;
const SOME_REFUSED = 2;

export interface WorkOptions extends ServerOptions {
  readonly id?: string;
  readonly json?: boolean;
}

export async function workOn(ids: readonly string[], command: CaseCommandJson, options: WorkOptions): Promise<void> {
  const { id = `cli-${randomUUID()}`, json } = options;
  const results: Result[] = [];
  for (let at = 0; at < ids.length; at += CASES_MAX) {
    const body = { cases: ids.slice(at, at + CASES_MAX), command: { id, ...command } };
    results.push(...((await askServer('/v1/cases/commands', options, body)) as { results: Result[] }).results);
  }
  if (results.some(({ outcome }) => outcome !== 'accepted')) process.exitCode = SOME_REFUSED;
  if (json) return printJson({ commandId: id, results });
  const rows = results.map(({ case: one, outcome, status = '', owner = '', detail = '', lastRetry }) => {
    const tried = command.type === 'retry' && lastRetry !== undefined ? `: ${lastRetry}` : '';
    return [one, outcome, outcome === 'accepted' ? `${status}, with ${owner}${tried}` : detail];
  });
  printTable(['case', 'outcome', 'now'], rows, 'no cases');
}
