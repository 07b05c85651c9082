// A projection of the simulation's own: it sees that every event is folded once and in order, whatever crashes, redeliveries
// and rebuilds there are, because its state is a hash over all it has folded. It also chokes on poison until it is repaired.
import { hash } from 'node:crypto';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Page, Projection, ProjectionDefinition } from '../../projections/projection.ts';

export const WITNESS = 'witness';
export const POISON = 'Poison';

export interface Witness extends Projection {
  readonly hash: string;
  readonly count: number;
}

/** What every instance of a run shares. */
export interface Repair {
  /** Poison is understood. */
  done: boolean;
}

export function witnessDefinition(repair: Repair): ProjectionDefinition<Witness> {
  return { name: WITNESS, create: () => createWitness(repair) };
}

function createWitness(repair: Repair): Witness {
  let seen = '';
  let count = 0;
  let changed = false;
  return {
    name: WITNESS,
    version: 1,
    get hash() {
      return seen;
    },
    get count() {
      return count;
    },
    apply(event) {
      if (event.type === POISON && !repair.done) throw new Error('poison');
      seen = witnessed(seen, event);
      count += 1;
      changed = true;
    },
    takeChangedPages(): readonly Page[] {
      if (!changed) return [];
      changed = false;
      return [{ key: 'hash', bytes: Buffer.from(JSON.stringify([seen, count])) }];
    },
    restore(pages) {
      for (const { bytes } of pages) [seen, count] = JSON.parse(Buffer.from(bytes).toString()) as [string, number];
    },
  };
}

function witnessed(before: string, { id, position }: RecordedEvent): string {
  return hash('sha256', `${before} ${id} ${position}`, 'base64url');
}

/** The hash over the whole log. */
export function witnessedAll(events: readonly RecordedEvent[]): string {
  return events.reduce(witnessed, '');
}
