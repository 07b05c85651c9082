// `evenstock cases list` and `evenstock cases show`.
import { plural } from '../../../domain/plural.ts';
import type { caseHappening, caseView } from '../../routes/case-view.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';
import { printJson, printTable } from '../print-table.ts';

type CaseView = ReturnType<typeof caseView>;
interface Page {
  readonly cases: readonly CaseView[];
  readonly next?: string;
}

export interface CasesListOptions extends ServerOptions {
  readonly status?: string;
  readonly kind?: string;
  readonly owner?: string;
  readonly severity?: string;
  readonly channel?: string;
  readonly location?: string;
  readonly sku?: string;
  readonly olderThan?: string;
  readonly overdue?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

const PAGE_MAX = 1_000;

/** Over as many pages as it takes. */
export async function listCases(options: CasesListOptions): Promise<void> {
  const { status, kind, owner, severity, channel, location, sku, olderThan, overdue, limit } = options;
  const filter = { status, kind, owner, severity, channel, location, sku, olderThanMinutes: olderThan };
  const found: CaseView[] = [];
  let cursor: string | undefined;
  do {
    const page = { ...filter, cursor, limit: String(Math.min(limit - found.length, PAGE_MAX)) };
    const asked = Object.entries({ ...page, overdue: overdue ? 'true' : undefined });
    const known = asked.filter((entry): entry is [string, string] => entry[1] !== undefined);
    const answer = (await askServer(`/v1/cases?${new URLSearchParams(known)}`, options)) as Page;
    found.push(...answer.cases);
    cursor = answer.next;
  } while (cursor !== undefined && found.length < limit);
  if (options.json) return printJson(found);
  const rows = found.map((one) => {
    const { id, severity: how, status: is, owner: whose, ageMs, detail } = one;
    return [id, how, one.overdue ? `${is} LATE` : is, whose, age(ageMs), detail];
  });
  printTable(['case', 'severity', 'status', 'owner', 'age', 'what'], rows, 'no such cases');
}

type CaseWithHistory = CaseView & { readonly history: readonly ReturnType<typeof caseHappening>[] };

export async function showCase(id: string, options: ServerOptions & { readonly json?: boolean }): Promise<void> {
  const shown = (await askServer(`/v1/cases/${encodeURIComponent(id)}`, options)) as CaseWithHistory;
  if (options.json) return printJson(shown);
  const { severity, status, owner, level, occurrence, sights, ageMs, dueAt, closedAt, closedWith, subject } = shown;
  const about = Object.entries(subject).map(([name, value]) => `${name} ${value}`);
  const due = dueAt === undefined ? '' : `, due ${dueAt}${shown.overdue ? ' LATE' : ''}`;
  const facts = [
    ['case', shown.id],
    ['what', shown.detail],
    ['about', about.join(', ') || 'nothing in particular'],
    ['status', `${status}, ${severity}, with ${owner}, ${age(ageMs)} old${due}`],
    ['seen', `${plural(sights, 'time')}, occurrence ${occurrence}, escalated ${plural(level, 'time')}`],
    ...(closedAt === undefined ? [] : [['closed', `${closedAt}${closedWith === undefined ? '' : `: ${closedWith}`}`]]),
    ...shown.proposals.map((proposal) => ['could do', proposal]),
  ];
  for (const [name, value] of facts) process.stdout.write(`${name!.padEnd(10)}${value}\n`);
  const rows = shown.history.map(({ at, event, by, ...said }) => [at, event.slice('Case'.length), by, words(said)]);
  printTable(['when', 'event', 'by', 'said'], rows, 'no history');
}

/** What an event says in words: a comment, an owner, an outcome. */
function words(said: Readonly<Record<string, unknown>>): string {
  const { text, owner, resolution, reason, detail } = said;
  return [owner, text, resolution, reason, detail].filter((word) => word !== undefined).join(': ');
}

function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} d`;
}
