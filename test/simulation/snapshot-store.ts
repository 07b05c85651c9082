// Snapshots of stocks that outlive a process: through JSON, as in a file. A crash may bring back older ones, and one
// may be found damaged, which reads as absent.
import type { Snapshots, StoredSnapshot } from '../../adapters/snapshots.ts';
import type { Chance } from './chance.ts';
import type { Trace } from './trace.ts';

export interface SnapshotStore extends Snapshots {
  /** Goes back to a state of before, if there is one. */
  goBack(): void;
}

export function createSnapshotStore(chance: Chance, trace: Trace, damagedPart: number): SnapshotStore {
  let kept = new Map<string, string>();
  let older: Map<string, string> | undefined;
  return {
    load(stream) {
      const text = kept.get(stream);
      if (text === undefined || chance.maybe(damagedPart)) return undefined;
      trace.mark('snapshot loaded', `snapshot of ${stream} loaded`);
      return JSON.parse(text) as StoredSnapshot;
    },
    save(stream, snapshot) {
      trace.mark('snapshot saved', `snapshot of ${stream}@${snapshot.stock.revision} saved`);
      older = new Map(kept);
      kept.set(stream, JSON.stringify(snapshot));
    },
    close() {},
    goBack() {
      if (older === undefined) return;
      trace.mark('older snapshots restored');
      kept = older;
      older = undefined;
    },
  };
}
