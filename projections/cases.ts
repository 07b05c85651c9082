// Every exception case as it stands, folded from the cases' streams: what the list shows, and which causes are believed
// to last. Stored in pages of some rows, in the order in which cases were first opened.
import { NO_STREAM } from '../domain/event-log.ts';
import { type Case, evolveCase, noCase } from '../domain/exception/case.ts';
import { parseCaseStream, readCaseEvent } from '../domain/exception/case-events.ts';
import type { CaseKind } from '../domain/exception/cause.ts';
import { isLasting, isOpen } from '../domain/exception/machine.ts';
import type { Page, Projection, ProjectionDefinition } from './projection.ts';

export interface CasesReader {
  find(id: string): Case | undefined;
  /** Of its last event folded, -1 for none. */
  revision(id: string): number;
  /** Somebody still has to look. */
  open(): Iterable<Case>;
  openCount(kind: CaseKind): number;
  all(): Iterable<Case>;
  /** The cause was not seen to be gone: its case is open, or was dismissed. */
  isLasting(kind: CaseKind, key: string): boolean;
  lasting(kind: CaseKind): Iterable<Case>;
}

export interface Cases extends Projection, CasesReader {}

export const CASES_PROJECTION: ProjectionDefinition<Cases> = { name: 'cases', create: createCases };

interface Row {
  readonly state: Case;
  /** Of the last event folded, which makes redelivery harmless. */
  readonly revision: number;
}

const ROWS_PER_PAGE = 64;

export function createCases(): Cases {
  const rows: Row[] = [];
  const places = new Map<string, number>();
  const index = createIndex();
  const changed = new Set<number>();

  const put = (place: number, row: Row) => {
    rows[place] = row;
    places.set(row.state.id, place);
    index.put(row.state);
  };
  return {
    name: CASES_PROJECTION.name,
    version: 2,
    apply(recorded) {
      const id = parseCaseStream(recorded.stream);
      if (id === undefined) return;
      const place = places.get(id) ?? rows.length;
      const before = rows[place] ?? { state: noCase(id), revision: NO_STREAM };
      if (recorded.revision <= before.revision) return;
      put(place, { state: evolveCase(before.state, readCaseEvent(recorded)), revision: recorded.revision });
      changed.add(Math.floor(place / ROWS_PER_PAGE));
    },
    takeChangedPages() {
      const pages = [...changed].sort((a, b) => a - b).map((number) => page(rows, number));
      changed.clear();
      return pages;
    },
    restore(pages) {
      for (const { key, bytes } of pages) {
        const first = Number(key.split('/')[1]) * ROWS_PER_PAGE;
        for (const [n, row] of readRows(bytes).entries()) put(first + n, row);
      }
    },
    find: (id) => rows[places.get(id) ?? -1]?.state,
    revision: (id) => rows[places.get(id) ?? -1]?.revision ?? NO_STREAM,
    *all() {
      for (const { state } of rows) yield state;
    },
    ...index.reader,
  };
}

/** Which cases are open, and which causes last: small beside all cases there ever were. */
function createIndex() {
  const open = new Map<string, Case>();
  const openCounts = new Map<CaseKind, number>();
  const lasting = new Map<CaseKind, Map<string, Case>>();
  const count = (kind: CaseKind, by: number) => openCounts.set(kind, (openCounts.get(kind) ?? 0) + by);
  const reader: Pick<CasesReader, 'open' | 'openCount' | 'isLasting' | 'lasting'> = {
    open: () => open.values(),
    openCount: (kind) => openCounts.get(kind) ?? 0,
    isLasting: (kind, key) => lasting.get(kind)?.has(key) ?? false,
    lasting: (kind) => lasting.get(kind)?.values() ?? [],
  };
  return {
    reader,
    put(state: Case) {
      const kind = state.kind!;
      if (open.delete(state.id)) count(kind, -1);
      if (isOpen(state.status)) {
        open.set(state.id, state);
        count(kind, 1);
      }
      const ofKind = lasting.get(kind) ?? new Map<string, Case>();
      lasting.set(kind, ofKind);
      if (isLasting(state.status)) ofKind.set(state.key, state);
      else ofKind.delete(state.key);
    },
  };
}

/** In this order in every row: the same state gives the same bytes, restored or folded. */
const COLUMNS = Object.keys(noCase('')) as readonly (keyof Case)[];

function page(rows: readonly Row[], number: number): Page {
  const here = rows.slice(number * ROWS_PER_PAGE, (number + 1) * ROWS_PER_PAGE);
  const values = here.map(({ state, revision }) => [revision, ...COLUMNS.map((column) => state[column] ?? null)]);
  return { key: `rows/${number}`, bytes: Buffer.from(JSON.stringify(values)) };
}

function readRows(bytes: Uint8Array): Row[] {
  const values = JSON.parse(Buffer.from(bytes).toString()) as [number, ...unknown[]][];
  return values.map(([revision, ...cells]) => ({
    revision,
    state: Object.fromEntries(COLUMNS.map((column, n) => [column, cells[n] ?? undefined])) as unknown as Case,
  }));
}
