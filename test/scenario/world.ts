// What one run is made of: the systems of a retailer, joined in one way or another. The play tells it what happens on the
// shelves and in the shops, and asks it where an order is to be picked.
import type { Known } from './causes.ts';
import type { Minute, Trouble } from './day.ts';
import type { OnlineChannel } from './retailer.ts';
import type { Shop } from './shops.ts';

export interface Placed {
  /** The script's own number. */
  readonly id: string;
  readonly channel: OnlineChannel;
  /** The shop's id of it. */
  readonly theirs: string;
  readonly sku: string;
  readonly units: number;
}

/** What a system says it has, for the comparison with the shelves. */
export interface Figures {
  readonly system: string;
  /** It knows of this one only; undefined: of all. */
  readonly location?: string;
  /** `<sku>~<location>` → units; what is not named is 0. */
  readonly units: ReadonlyMap<string, number>;
}

export interface World {
  readonly name: string;
  /** What its ERP is. */
  readonly erp: string;
  readonly shops: ReadonlyMap<OnlineChannel, Shop>;
  /** What the system in the middle knows now. */
  known(sku: string): Known;
  /** A buyer has ordered; the shop knows it, and whoever asks the shop. */
  ordered(order: Placed): void;
  /** A till sold. */
  sold(store: string, id: string, sku: string, units: number): void;
  /** A till took back. */
  returned(store: string, id: string, sku: string, units: number): void;
  /** The ERP booked a receipt. */
  delivered(id: string, sku: string, location: string, units: number): void;
  trouble(what: Trouble, begins: boolean): void;
  /** Called at every full minute of the day. */
  minute(at: Minute): void;
  /** Where the systems send the picker; undefined: they do not know the order yet, or have nothing for it. */
  whereToPick(order: Placed): Promise<string | undefined>;
  /** Picked and sent. */
  sent(order: Placed, location: string): Promise<void>;
  /** There is nothing for it: the buyer gets the money back. */
  cancelled(order: Placed): Promise<void>;
  /** The day is over: resolves when nothing is under way any more. */
  settle(): Promise<void>;
  /** Of each system that keeps books. */
  figures(): Promise<readonly Figures[]>;
  /** What people had to look at beyond wrong picks, cancellations and differences, each with what it was. */
  manualWork(): Promise<readonly string[]>;
  close(): Promise<void>;
}
