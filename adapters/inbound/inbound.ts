// The port for what comes in from a channel, by webhook or by poll. An adapter proves that a message is genuine and says
// what it means as commands; it remembers nothing. The ids of the commands come from the channel's own ids of what
// happened (its order, fulfilment, refund), never from the delivery: then a duplicate, the other path, and a message that
// overtook an older one change nothing.
import type { OrderCommandOf } from '../../domain/order/commands.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';

/**
 * What a channel may ask of an order; whose channel it is, is known. The lines of `place` are all that was ever ordered, with
 * what was cancelled since: said again with more in them, they extend the order. Cancelled units are best said in all
 * (`cancelled`).
 */
export type InboundOrderCommand =
  | Omit<OrderCommandOf<'place'>, 'orderId' | 'channel'>
  | OrderCommandOf<'renew' | 'confirm' | 'fulfil' | 'cancel' | 'return'>;

/**
 * One thing the channel said. What a message says of an order is best said whole (all that is known of it up to then):
 * commands that were taken before are repeats.
 */
export type InboundCommand =
  | { readonly to: 'order'; readonly orderId: string; readonly command: InboundOrderCommand }
  | { readonly to: 'stock'; readonly command: StockCommand };

export interface InboundMessage {
  /** The channel's own id of what it tells, for people and for dead letters: `order 1001`. */
  readonly about: string;
  readonly meaning: /** In this order; the first that cannot be taken now ends the message, which is then taken again whole. */
    | { readonly kind: 'commands'; readonly commands: readonly InboundCommand[] }
    /** It names what nobody has mapped: it waits as a case until somebody has. */
    | { readonly kind: 'unmapped'; readonly what: 'sku' | 'location'; readonly id: string }
    /** It does not keep to the channel's own contract. */
    | { readonly kind: 'malformed'; readonly reason: string }
    /** Genuine and of no concern to stock. */
    | { readonly kind: 'ignored'; readonly why: string };
}

export interface WebhookRequest {
  /** As it was signed. */
  readonly rawBody: Uint8Array;
  readonly headers: Headers;
  /** The address that was called, as the sender knows it: some sign it. */
  readonly url: string;
}

export interface Webhook {
  /** Names of the fields of a body that `translate` reads, however deep: all that is kept of a message that has to wait. */
  readonly fields: ReadonlySet<string>;
  /** Is it from the channel, whole and fresh? Constant time; over the raw bytes. */
  verify(request: WebhookRequest, nowMs: number): boolean;
  /**
   * What a verified request says; may ask the channel for the rest of it. A body that is not the channel's contract is one
   * `malformed` message. Never rejects on a channel's fault.
   */
  translate(request: WebhookRequest, signal: AbortSignal): Promise<InboundReply>;
}

export type InboundReply =
  | { readonly kind: 'messages'; readonly messages: readonly InboundMessage[] }
  /** It could not be asked now. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number | undefined }
  | { readonly kind: 'denied'; readonly reason: string };

export type PollReply =
  | {
      readonly kind: 'page';
      readonly messages: readonly InboundMessage[];
      /** Kept once every message of the page is taken or set aside; the next poll starts from it. */
      readonly watermark: string;
      /** Another page waits behind this one. */
      readonly more: boolean;
    }
  | Exclude<InboundReply, { readonly kind: 'messages' }>;

export interface Poll {
  /** How often it is worth asking, ms. */
  readonly everyMs: number;
  /** `watermark`: undefined at the first poll ever. Never rejects on a channel's fault. */
  read(watermark: string | undefined, signal: AbortSignal): Promise<PollReply>;
}

export interface Inbound {
  readonly webhook?: Webhook | undefined;
  readonly poll?: Poll | undefined;
}
