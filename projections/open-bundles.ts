// Bundles whose components have not all answered: whose stream still owes commands. Folded and stored, so that whoever
// goes on with them after a start knows them at once. Few at any time, however many were ever sold.
import { BUNDLE_EVENT_TYPES, BUNDLE_EVENT_VERSION, BUNDLE_UPCASTERS } from '../domain/bundle/events.ts';
import { BUNDLE_CATEGORY } from '../domain/bundle/stream.ts';
import { type Position, type RecordedEvent, START } from '../domain/event-log.ts';
import { hashBucket } from '../domain/hash-bucket.ts';
import type { Instant } from '../domain/time.ts';
import { readVersioned } from '../domain/versioned-event.ts';
import type { Page, Projection, ProjectionDefinition } from './projection.ts';

export const OPEN_BUNDLES = 'open-bundles';

export interface OpenBundle {
  readonly id: string;
  /** When its last event was recorded. */
  readonly changedAt: Instant;
}

export interface OpenBundles extends Projection {
  readonly size: number;
  owing(): Iterable<OpenBundle>;
}

export const OPEN_BUNDLES_PROJECTION: ProjectionDefinition<OpenBundles> = {
  name: OPEN_BUNDLES,
  create: createOpenBundles,
};

const PREFIX = `${BUNDLE_CATEGORY}-`;
const BUCKETS = 256;
/** Position of the last event that changed anything, which makes redelivery harmless. */
const SEEN = 'seen';
/** A page of ids; its number follows. */
const PAGE = 'ids/';

export function createOpenBundles(): OpenBundles {
  const buckets: Map<string, Instant>[] = Array.from({ length: BUCKETS }, () => new Map());
  const changed = new Set<string>();
  let seen: Position = START;

  return {
    name: OPEN_BUNDLES,
    version: 1,
    get size() {
      return buckets.reduce((sum, ids) => sum + ids.size, 0);
    },
    *owing() {
      for (const ids of buckets) for (const [id, changedAt] of ids) yield { id, changedAt };
    },
    apply(recorded) {
      if (!recorded.stream.startsWith(PREFIX) || recorded.position <= seen) return;
      const { owed, recordedAt } = after(recorded);
      const id = recorded.stream.slice(PREFIX.length);
      const bucket = hashBucket(id, BUCKETS);
      const ids = buckets[bucket]!;
      if (owed === 0 && !ids.has(id)) return;
      if (owed > 0) ids.set(id, recordedAt);
      else ids.delete(id);
      seen = recorded.position;
      changed.add(SEEN).add(`${PAGE}${bucket}`);
    },
    *takeChangedPages(): Iterable<Page> {
      const keys = [...changed].sort();
      changed.clear();
      for (const key of keys) {
        const content = key === SEEN ? `${seen}` : [...buckets[Number(key.slice(PAGE.length))]!];
        yield { key, bytes: Buffer.from(JSON.stringify(content)) };
      }
    },
    restore(pages) {
      for (const { key, bytes } of pages) {
        const content = JSON.parse(Buffer.from(bytes).toString()) as string | [string, Instant][];
        if (typeof content === 'string') seen = BigInt(content);
        else buckets[Number(key.slice(PAGE.length))] = new Map(content);
      }
    },
  };
}

/** Events of the version written now are not copied to be read. */
function after(recorded: RecordedEvent): { readonly owed: number; readonly recordedAt: Instant } {
  const { stream, revision, type, data } = recorded;
  const isCurrent = data['v'] === BUNDLE_EVENT_VERSION;
  const event = isCurrent ? data : readVersioned(recorded, BUNDLE_EVENT_VERSION, BUNDLE_EVENT_TYPES, BUNDLE_UPCASTERS);
  const { owed, recordedAt } = event;
  if (!Number.isSafeInteger(owed) || !Number.isSafeInteger(recordedAt))
    throw new Error(`${stream}@${revision}: ${type} does not say when it was, or what is owed after it`);
  return { owed: owed as number, recordedAt: recordedAt as Instant };
}
