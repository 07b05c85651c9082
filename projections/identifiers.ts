// What other systems call our SKUs and locations, both ways, folded from the streams `identifiers-<system>`: the names that
// adapters ask for. Kept in 256 pages a system and kind, so that one name among 40,000 costs its own page.
import { CHAIN_GENESIS } from '../domain/event-id.ts';
import { NO_STREAM } from '../domain/event-log.ts';
import { parseIdentifiersStream, readIdentifierChanges } from '../domain/identifiers/events.ts';
import { NAMED, type Named } from '../domain/identifiers/lines.ts';
import {
  bucketOf,
  type Called,
  type ChangingNames,
  createNames,
  type NamesReader,
} from '../domain/identifiers/names.ts';
import type { Page, Projection, ProjectionDefinition } from './projection.ts';

export interface SystemNames {
  readonly names: Readonly<Record<Named, NamesReader>>;
  /** Of its stream, -1 before the first event; with what the next event is chained to. */
  readonly revision: number;
  readonly hash: string;
  readonly recordedAt: number;
}

/** An id of theirs means one of ours from now on, or (`undefined`) no more. */
export type OnMapped = (system: string, what: Named, ours: string, theirs: string) => void;

export interface NameRow extends Called {
  readonly what: Named;
  readonly ours: string;
}

export interface IdentifiersPage {
  readonly rows: readonly NameRow[];
  /** The cursor of the next page; undefined on the last. */
  readonly next: string | undefined;
}

export interface IdentifiersReader {
  system(system: string): SystemNames;
  systems(): readonly string[];
  /** All names of a kind, in an order of its own that stays while nothing changes; at least `limit` where there are more. */
  page(system: string, what: Named | undefined, limit: number, cursor?: string): IdentifiersPage;
  /** Synchronously after the event. Returns its removal. */
  onMapped(listener: OnMapped): () => void;
}

export interface IdentifierNames extends Projection, IdentifiersReader {}

export const IDENTIFIERS_PROJECTION: ProjectionDefinition<IdentifierNames> = {
  name: 'identifiers',
  create: createIdentifierNames,
};

interface State extends SystemNames {
  revision: number;
  hash: string;
  recordedAt: number;
  readonly names: Readonly<Record<Named, ChangingNames>>;
}

export function createIdentifierNames(): IdentifierNames {
  const systems = new Map<string, State>();
  const changed = new Set<string>();
  const listeners = new Set<OnMapped>();
  const stateOf = (system: string): State => {
    const known = systems.get(system) ?? nothing();
    systems.set(system, known);
    return known;
  };
  return {
    name: IDENTIFIERS_PROJECTION.name,
    version: 1,
    apply(recorded) {
      const system = parseIdentifiersStream(recorded.stream);
      if (system === undefined || recorded.revision <= (systems.get(system)?.revision ?? NO_STREAM)) return;
      const changes = readIdentifierChanges(recorded);
      const state = stateOf(system);
      for (const change of changes) {
        const [, what, ours] = change;
        state.names[what].change(change);
        changed.add(`${system}~${what}~${bucketOf(ours)}`);
      }
      state.revision = recorded.revision;
      state.hash = String(recorded.metadata['hash'] ?? '');
      state.recordedAt = Number(recorded.data['recordedAt']);
      changed.add(system);
      for (const [op, what, ours, theirs] of changes)
        if (op !== 'unmap') for (const listener of listeners) listener(system, what, ours, theirs);
    },
    *takeChangedPages() {
      const keys = [...changed].sort();
      changed.clear();
      for (const key of keys) yield { key, bytes: bytesOf(key, stateOf) };
    },
    restore(pages) {
      for (const page of pages) restorePage(page, stateOf);
    },
    system: (system) => systems.get(system) ?? nothing(),
    systems: () => [...systems.keys()].sort(),
    page: (system, what, limit, cursor) => pageOf(systems.get(system), what, limit, cursor),
    onMapped(listener) {
      const own: OnMapped = (...mapped) => listener(...mapped);
      listeners.add(own);
      return () => listeners.delete(own);
    },
  };
}

function nothing(): State {
  const names = { sku: createNames(), location: createNames() };
  return { names, revision: NO_STREAM, hash: CHAIN_GENESIS, recordedAt: 0 };
}

type Row = readonly [ours: string, id: string | null, more: Called['more'] | null, aliases: readonly string[]];

function bytesOf(key: string, stateOf: (system: string) => State): Uint8Array {
  const [system, what, bucket] = key.split('~') as [string, Named?, string?];
  const { names, revision, hash, recordedAt } = stateOf(system);
  if (what === undefined) return Buffer.from(JSON.stringify([revision, hash, recordedAt]));
  const rows = [...names[what].inBucket(Number(bucket))].sort().map((ours): Row => {
    const { id, more, aliases } = names[what].called(ours)!;
    return [ours, id ?? null, more ?? null, aliases];
  });
  return Buffer.from(JSON.stringify(rows));
}

function restorePage({ key, bytes }: Page, stateOf: (system: string) => State): void {
  const [system, what] = key.split('~') as [string, Named?];
  const state = stateOf(system);
  const values = JSON.parse(Buffer.from(bytes).toString()) as unknown;
  if (what === undefined) {
    const [revision, hash, recordedAt] = values as [number, string, number];
    Object.assign(state, { revision, hash, recordedAt });
    return;
  }
  for (const [ours, id, more, aliases] of values as Row[])
    state.names[what].put(ours, { id: id ?? undefined, more: more ?? undefined, aliases });
}

/** By kind and name. Sorting the names of a kind for each page: some 20 ms of 40,000, for people and exports. */
function pageOf(
  state: State | undefined,
  what: Named | undefined,
  limit: number,
  cursor: string | undefined,
): IdentifiersPage {
  const from = cursor === undefined ? undefined : readCursor(cursor);
  const rows: NameRow[] = [];
  for (const kind of what === undefined ? NAMED : [what]) {
    if (state === undefined || (from !== undefined && NAMED.indexOf(kind) < NAMED.indexOf(from.what))) continue;
    const names = state.names[kind];
    const after = from?.what === kind ? from.ours : undefined;
    const sorted = [...names.ours()].filter((ours) => after === undefined || ours > after).sort();
    for (const ours of sorted.slice(0, limit + 1 - rows.length))
      rows.push({ what: kind, ours, ...names.called(ours)! });
    if (rows.length > limit) {
      const last = rows[limit - 1]!;
      return { rows: rows.slice(0, limit), next: `${last.what}.${last.ours}` };
    }
  }
  return { rows, next: undefined };
}

function readCursor(cursor: string): { readonly what: Named; readonly ours: string } {
  const cut = cursor.indexOf('.');
  return { what: cursor.slice(0, cut) as Named, ours: cursor.slice(cut + 1) };
}
