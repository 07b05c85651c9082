// A projection: a read model folded from the log and nothing else. Its state is kept as pages of bytes, so the
// runner can store what changed together with the checkpoint in one transaction, and so that "equal to a
// rebuild" can be checked byte by byte (P8). The whole fold is synchronous: one event, then the next.
import type { Position, RecordedEvent } from '../domain/event-log.ts';

/** A part of a projection's state. The same events give the same keys and bytes, whatever the batching. */
export interface Page {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface Projection {
  readonly name: string;
  /** Raise it when the fold or the pages change meaning: stored state of another version is rebuilt. */
  readonly version: number;
  /** Folds one event; ignores types it does not know. Idempotent: the same event again changes nothing. A throw means poison. */
  apply(event: RecordedEvent): void;
  /** The pages that changed since the last call. */
  takeChangedPages(): Iterable<Page>;
  /** Fills an empty projection from stored pages (any order). */
  restore(pages: Iterable<Page>): void;
  /**
   * Makes the next `takeChangedPages` answer every page, and gives up pages taken before. A projection that has this promises more: taken pages keep
   * the bytes of the moment of the call however late they are read, while events go on being applied. The runner then
   * stores them in slices; without it, it takes and keeps all changed pages at once.
   */
  markAllChanged?(): void;
}

/** How the runner makes a projection: a fresh one for a rebuild stands beside the one that serves. */
export interface ProjectionDefinition<P extends Projection = Projection> {
  readonly name: string;
  create(): P;
}

/** The last event folded, by all that tells it from an event of another log. */
export interface Checkpoint {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
}
