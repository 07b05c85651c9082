// What an adapter's test hands to the contract: the connector under test and the vendor's simulator it talks to, with a
// handful of hands on the simulator. Whatever the declaration claims must come with the hands to check it: a missing one
// fails, it is never skipped.
import type { Connector } from '../../../adapters/channels/channel.ts';
import type { RecordedCall } from '../../../adapters/channels/simulator/call-log.ts';
import type { FaultsJson } from '../../../adapters/channels/simulator/faults.ts';
import type { Inbound, WebhookRequest } from '../../../adapters/inbound/inbound.ts';

type Maybe<T> = T | Promise<T>;

export interface ChannelRig {
  /** Fresh, with nothing cached. */
  readonly connector: Connector;
  /** Its own deadline, ms: seconds, as in life. The contract ends what is not answered by the signal, much sooner. */
  readonly timeoutMs: number;
  /** All that must never stand in a reason: passwords, keys, tokens that the simulator gives. */
  readonly secrets: readonly string[];
  /** Makes `count` listings that the channel shows with `units`, mapped. Gives SKUs of ours; new ones each time. */
  seed(count: number, units: number): Maybe<readonly string[]>;
  /** What buyers see. Undefined: not listed. */
  shown(sku: string): number | undefined;
  /** Somebody changes what is shown by so many units and tells nobody. */
  drift(sku: string, by: number): Maybe<void>;
  setFaults(faults: FaultsJson): void;
  /** What the simulator was asked so far. */
  calls(): readonly RecordedCall[];
  /** The simulator refuses this SKU from now on. Gives what of the vendor's code must stand in the reason. */
  refuse(sku: string): RegExp;
  /** A SKU that nobody mapped; undefined only for systems in which sellers choose the SKU. */
  readonly unmapped: string | undefined;
  /** With `acknowledgement: 'accepted'`: what was accepted so far takes effect now. */
  settle?(): Maybe<void>;
  /** With `compareAndSet`: the number changes there after the connector has read it and before its next write arrives. */
  race?(sku: string, units: number): void;
  /** With `readStatement`: how many listings make more than one page. */
  readonly listingsOfTwoPages?: number;
  /** Why this vendor has no such thing, in words that are printed. */
  readonly hasNo?: {
    /** It never says how long to wait. */
    readonly retryAfter?: string;
    /** It has no success with errors inside. */
    readonly errorsInside?: string;
    /** It has no other way to say that there is nothing than an empty object. */
    readonly emptyList?: string;
  };
  /** If anything comes in from it. */
  readonly inbound?: InboundRig;
  close(): Promise<void>;
}

export interface OrderedLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface InboundRig {
  readonly inbound: Inbound;
  /** The channel's id in ours, as the adapter was given it. */
  readonly channel: string;
  /** A paid order at the simulator, of SKUs that were seeded. Gives the id that the channel has for it. */
  order(lines: readonly OrderedLine[]): Maybe<string>;
  /** The order has a line that is mapped to no SKU of ours. */
  orderUnmapped?(): Maybe<string>;
  /** All of the order is sent; absent: the channel does not say so. */
  ship?(order: string): Maybe<void>;
  cancel?(order: string): Maybe<void>;
  /** With a webhook: what the channel delivers of this order now, signed. */
  deliver?(order: string, how?: Delivery): Maybe<WebhookRequest>;
  /** A till: what is sold is told as sales, which are facts, and no order is placed. */
  readonly tellsSales?: boolean;
  /** The signature of the dialect covers a time, so an old one and one of the future are refused. */
  readonly signsTime?: boolean;
}

export interface Delivery {
  /** When it is signed; default: now. */
  readonly atMs?: number;
  /** Signed with the secret of another channel of the same vendor. */
  readonly otherSecret?: boolean;
  /** Instead of what the channel would say, rightly signed. */
  readonly body?: string;
}
