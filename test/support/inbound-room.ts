// One channel's intake over any log without HTTP: real orders and stocks, an adapter that says what the test says, and time
// that hurries. Appends of orders and of the intake go through a log whose faults the test scripts.

import type { InboundMessage, PollReply } from '../../adapters/inbound/inbound.ts';
import { orderCommandId, orderIdOf } from '../../adapters/inbound/names.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { Conflict, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';
import { inboundStream } from '../../domain/inbound/events.ts';
import { createInbound, type InboundRecords } from '../../projections/inbound.ts';
import { type InboundChannel, openInboundChannel } from '../../server/inbound/inbound-channel.ts';
import { takeMessage } from '../../server/inbound/taking.ts';
import { NOON } from './actors.ts';
import { type FaultyLog, faulty } from './faulty-log.ts';
import { ORDER_POLICY, type OrderRoom, openOrderRoom } from './order-room.ts';

const CHANNEL = 'market';
const PAGE = 2;

export interface InboundRoom {
  readonly channel: InboundChannel;
  readonly orders: OrderRoom;
  readonly log: FaultyLog;
  /** What the poll tells, in order. */
  readonly told: InboundMessage[];
  /** A delivery of this message, signed; `unsigned` otherwise. */
  deliver(message: InboundMessage, signed?: boolean): ReturnType<InboundChannel['receive']>;
  /** The intake's own stream. */
  events(): Promise<readonly { readonly type: string; readonly data: unknown }[]>;
  projection(): Promise<InboundRecords>;
  close(): Promise<void>;
}

export interface InboundRoomOptions {
  readonly now?: () => number;
  readonly polls?: boolean;
  readonly soleWriter?: boolean;
}

/** An order of so many units of A, placed by the channel's id. */
export function placed(id: string, quantity = 1): InboundMessage {
  const place = {
    ...({ type: 'place', id: orderCommandId(CHANNEL, id, 'place'), kind: 'commitment' } as const),
    ...{ lines: [{ sku: 'A', quantity }], flow: { type: 'ship' } as const },
  };
  const command = { to: 'order', orderId: orderIdOf(CHANNEL, id), command: place } as const;
  return { about: `order ${id}`, meaning: { kind: 'commands', commands: [command] } };
}

export async function openInboundRoom(inner: EventLog, options: InboundRoomOptions = {}): Promise<InboundRoom> {
  const { now = () => NOON, polls = false, soleWriter = true } = options;
  const log = faulty(inner);
  const orders = await openOrderRoom(inner, { orderLog: log, now });
  const policy = compilePolicy(PolicyDocument.parse(ORDER_POLICY));
  const told: InboundMessage[] = [];
  const bodies = new Map<string, InboundMessage>();
  const projection = async () => {
    const folded = createInbound();
    for (const event of await inner.readAll(-1n, 100_000)) folded.apply(event);
    return folded;
  };
  const poll = {
    everyMs: 50,
    async read(watermark: string | undefined): Promise<PollReply> {
      const from = Number(watermark ?? 0);
      const messages = told.slice(from, from + PAGE);
      const at = from + messages.length;
      return { kind: 'page', messages, watermark: String(at), more: at < told.length };
    },
  };
  const webhook = {
    fields: new Set<string>(),
    verify: ({ headers }: { headers: Headers }) => headers.has('signed'),
    translate: async ({ rawBody }: { rawBody: Uint8Array }) => {
      return { kind: 'messages', messages: [bodies.get(Buffer.from(rawBody).toString())!] } as const;
    },
  };
  const taking = {
    ...{ orders: orders.orders, stocks: orders.actors, policy: () => policy, log },
    availability: { position: () => 0n, waitFor: async () => true },
    rejected() {},
  };
  const channel = await openInboundChannel(
    { webhook, ...(polls ? { poll } : {}) },
    (await projection()).channel(CHANNEL),
    {
      ...{
        channel: CHANNEL,
        log,
        soleWriter,
        hashes: systemHashes,
        clock: { now },
        moment: () => performance.now() * HURRY,
        random: () => 0.5,
      },
      sleep: hurried,
      async take(message, brought) {
        try {
          return await takeMessage(CHANNEL, message, taking, brought.traceparent);
        } catch (error) {
          const passes = error instanceof Unavailable || error instanceof UnknownOutcome || error instanceof Conflict;
          if (!passes) throw error;
          return { kind: 'busy', reason: error.message };
        }
      },
      cases: { raise() {}, cleared() {} },
      knownCases: () => undefined,
      ...{ timeoutMs: 5_000, patienceMs: 60_000, troubled() {} },
    },
  );
  return {
    ...{ channel, orders, log, told, projection },
    deliver(message, signed = true) {
      // A text, which is kept whole: what is kept of a body are the fields that an adapter names.
      const body = JSON.stringify(JSON.stringify(message));
      bodies.set(body, message);
      const headers = new Headers(signed ? { signed: 'yes' } : {});
      return channel.receive({ rawBody: Buffer.from(body), headers, url: 'http://here/' }, undefined);
    },
    events: () => inner.read(inboundStream(CHANNEL), 0, 1_000),
    async close() {
      await channel.close();
      await orders.close();
    },
  };
}

const HURRY = 20;

/** Long rests are short, in the order they would end. */
function hurried(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, Math.min(ms / HURRY, 2_000));
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
