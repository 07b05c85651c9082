// What is compared over HTTP: families of sides (Evenstock, PostgreSQL, nothing at all), each side one server and one
// kind of load. All stand at once and are loaded in turns, so that whatever else the machine does falls on all of them.
import type { LoadOrder } from '../load/load.ts';
import type { Room } from '../part.ts';

export interface Side extends Pick<LoadOrder, 'port' | 'kind' | 'skus' | 'watch' | 'headers'> {
  readonly id: string;
  readonly title: string;
  readonly batches: boolean;
}

export interface Family {
  readonly sides: readonly Side[];
  /** Compares what is stored with the commands answered by each side. @throws Error when they differ */
  verify(answered: ReadonlyMap<string, number>): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything; what was started is stopped again when a later step fails. */
export type OpenFamily = (room: Room) => Promise<Family | { readonly skipped: string }>;
