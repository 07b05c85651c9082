// The bytes of the `reconciliations` projection: a page a run, a page of subjects, and open differences in buckets, so that
// a run rewrites little. Rows are sorted, so equal state gives equal bytes.
import { hashBucket } from '../domain/hash-bucket.ts';
import type { Page } from './projection.ts';
import type { OpenRow, ReconciliationsState, RunRow, SubjectRow } from './reconciliations-state.ts';

export const SUBJECTS_PAGE = 'subjects';
const BUCKETS = 256;

export function bucketOf(key: string, sku: string): number {
  return hashBucket(key + sku, BUCKETS);
}

/** `run/<n>`, `open/<n>` or `subjects`. */
export function pageOf(state: ReconciliationsState, key: string): Page {
  const [kind, place] = key.split('/') as [string, string?];
  return { key, bytes: Buffer.from(JSON.stringify(contentOf(state, kind, Number(place)), inOrder)) };
}

/** Members by name: what was restored has them in another order than what was folded. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Subjects {
  readonly seen: string;
  readonly started: number;
  readonly rows: readonly SubjectRow[];
}

function contentOf(
  { seen, started, subjects, slots, open }: ReconciliationsState,
  kind: string,
  place: number,
): unknown {
  if (kind === 'run') return slots[place];
  if (kind === 'open') return [...(open[place] ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = [...subjects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { seen: String(seen), started, rows } satisfies Subjects;
}

export function restorePage(state: ReconciliationsState, { key, bytes }: Page): void {
  const content = JSON.parse(Buffer.from(bytes).toString()) as unknown;
  const [kind, place] = key.split('/') as [string, string?];
  if (kind === 'run') {
    const row = content as RunRow;
    state.slots[Number(place)] = row;
    state.byId.set(row.id, Number(place));
  } else if (kind === 'open') {
    state.open[Number(place)] = new Map(content as [string, OpenRow][]);
  } else {
    const { seen, started, rows } = content as Subjects;
    state.seen = BigInt(seen);
    state.started = started;
    for (const row of rows) state.subjects.set(row.key, row);
  }
}
