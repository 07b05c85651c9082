// Proof by replay (R18): folds every projection again from the first event and compares it, byte by byte, with what is
// stored. The first difference is named by projection, page and offset.
import type { EventLog } from '../domain/event-log.ts';
import { START } from '../domain/event-log.ts';
import { fold, type Member, newMember } from './dead-letters.ts';
import { openPageStore, type PageStore, type StoredProjection } from './page-store.ts';
import type { Page, ProjectionDefinition } from './projection.ts';
import type { Runner } from './runner.ts';
import { foldingSlices, type RunnerTime } from './time.ts';

export interface Difference {
  readonly page: string;
  /** Of the first byte that differs; the length of the shorter one if it is the start of the longer; 0 if one is missing. */
  readonly offset: number;
  readonly stored: 'missing' | { readonly length: number; readonly byte: number | undefined };
  readonly rebuilt: 'missing' | { readonly length: number; readonly byte: number | undefined };
}

export interface ProofOfProjection {
  readonly name: string;
  /** The position both stand at. */
  readonly position: bigint;
  readonly pages: number;
  readonly bytes: number;
  readonly deadLetters: number;
  /** Undefined: equal. */
  readonly difference: Difference | undefined;
}

export interface ProofOfProjections {
  readonly equal: boolean;
  readonly projections: readonly ProofOfProjection[];
  /** Projections of which nothing (whole) is stored, and why. */
  readonly notStored: readonly { readonly name: string; readonly why: string }[];
}

const READ_EVENTS_MAX = 1_000;

/** Of a running read model: everything is stored as it is now, held in memory meanwhile, and compared. */
export async function verifyProjections(runner: Runner, log: EventLog, time: RunnerTime): Promise<ProofOfProjections> {
  const definitions = runner.definitions();
  let stored: Stored | undefined;
  await runner.flush(true, () => {
    stored = loadAll(runner.store, definitions);
  });
  return prove(stored!, log, time);
}

/** Of a read model that is not running. @throws when another process has it */
export async function verifyStored(
  directory: string,
  definitions: readonly ProjectionDefinition[],
  log: EventLog,
  time: RunnerTime,
): Promise<ProofOfProjections> {
  const store = openPageStore(directory);
  const stored = loadAll(store, definitions);
  store.close();
  return prove(stored, log, time);
}

type Stored = readonly { readonly definition: ProjectionDefinition; readonly stored: ReturnType<PageStore['load']> }[];

function loadAll(store: PageStore, definitions: readonly ProjectionDefinition[]): Stored {
  return definitions.map((definition) => ({
    definition,
    stored: store.load(definition.name, definition.create().version),
  }));
}

async function prove(all: Stored, log: EventLog, time: RunnerTime): Promise<ProofOfProjections> {
  const notStored: { name: string; why: string }[] = [];
  const pairs: { member: Member; stored: StoredProjection }[] = [];
  for (const { definition, stored } of all) {
    if ('absent' in stored) notStored.push({ name: definition.name, why: stored.absent });
    else pairs.push({ member: newMember(definition, definition.create(), 0), stored });
  }
  await foldUpTo(pairs, log, time);
  const projections = pairs.map(({ member, stored }) => proofOf(member, stored));
  const equal = projections.every((proof) => proof.difference === undefined);
  return { equal, projections, notStored };
}

async function foldUpTo(
  pairs: readonly { readonly member: Member; readonly stored: StoredProjection }[],
  log: EventLog,
  time: RunnerTime,
): Promise<void> {
  const slices = foldingSlices(time);
  let end = START;
  for (const { stored } of pairs) if (stored.checkpoint.position > end) end = stored.checkpoint.position;
  for (let after = START; after < end; ) {
    const events = await log.readAll(after, READ_EVENTS_MAX);
    if (events.length === 0) return;
    for (const event of events) {
      for (const { member, stored } of pairs) {
        if (event.position <= stored.checkpoint.position) fold(member, event, time.clock.now);
      }
      after = event.position;
      if (slices.spent()) await slices.turn();
    }
  }
}

function proofOf(member: Member, stored: StoredProjection): ProofOfProjection {
  const rebuilt = new Map<string, Page>();
  let bytes = 0;
  for (const page of member.projection.takeChangedPages()) rebuilt.set(page.key, page);
  for (const page of rebuilt.values()) bytes += page.bytes.length;
  return {
    name: member.definition.name,
    position: stored.checkpoint.position,
    pages: rebuilt.size,
    bytes,
    deadLetters: member.deadLetters.length,
    difference: firstDifference(stored.pages, rebuilt),
  };
}

export function firstDifference(stored: readonly Page[], rebuilt: ReadonlyMap<string, Page>): Difference | undefined {
  const byKey = new Map(stored.map((page) => [page.key, page]));
  const keys = [...new Set([...byKey.keys(), ...rebuilt.keys()])].sort();
  for (const key of keys) {
    const one = byKey.get(key)?.bytes;
    const other = rebuilt.get(key)?.bytes;
    if (one !== undefined && other !== undefined && Buffer.compare(one, other) === 0) continue;
    const offset = one === undefined || other === undefined ? 0 : firstOffset(one, other);
    const side = (bytes: Uint8Array | undefined) =>
      bytes === undefined ? 'missing' : { length: bytes.length, byte: bytes[offset] };
    return { page: key, offset, stored: side(one), rebuilt: side(other) };
  }
  return undefined;
}

function firstOffset(one: Uint8Array, other: Uint8Array): number {
  let offset = 0;
  while (offset < one.length && offset < other.length && one[offset] === other[offset]) offset += 1;
  return offset;
}
