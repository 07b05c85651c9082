// How the inbound checks ask: translated and polled in time, and what the commands say of an order in our words.
import { expect } from 'vitest';
import type { InboundCommand, InboundMessage, PollReply, WebhookRequest } from '../../../adapters/inbound/inbound.ts';
import { orderIdOf } from '../../../adapters/inbound/names.ts';
import { OrderCommandBody, PlaceOrder } from '../../../domain/order/commands.ts';
import { StockCommand } from '../../../domain/stock/commands.ts';
import { asked, type Patience, type Skip } from './asking.ts';
import type { ChannelRig, InboundRig } from './rig.ts';

export const noInbound: Skip = ({ inbound }) => (inbound === undefined ? 'nothing comes in from it' : undefined);
export const noWebhook: Skip = (rig) =>
  noInbound(rig) ?? (rig.inbound!.inbound.webhook === undefined ? 'it has no webhook' : undefined);
export const noPoll: Skip = (rig) =>
  noInbound(rig) ?? (rig.inbound!.inbound.poll === undefined ? 'it has no poll' : undefined);

export function inboundOf(rig: ChannelRig): InboundRig {
  return rig.inbound!;
}

export async function delivered(
  rig: ChannelRig,
  order: string,
  how?: Parameters<NonNullable<InboundRig['deliver']>>[1],
) {
  const { deliver } = inboundOf(rig);
  if (deliver === undefined) throw new Error('it has a webhook: the rig needs deliver()');
  return deliver(order, how);
}

export const verified = (rig: ChannelRig, request: WebhookRequest, nowMs = Date.now()): boolean =>
  inboundOf(rig).inbound.webhook!.verify(request, nowMs);

export async function translated(rig: ChannelRig, request: WebhookRequest): Promise<readonly InboundMessage[]> {
  const { translate } = inboundOf(rig).inbound.webhook!;
  const reply = await asked(rig, (signal) => translate(request, signal), 'translate');
  if (reply.kind !== 'messages') throw new Error(`${reply.kind}: ${reply.reason}`);
  return reply.messages;
}

export function commandsOf(messages: readonly InboundMessage[], orderId?: string): readonly InboundCommand[] {
  const commands = messages.flatMap(({ meaning }) => (meaning.kind === 'commands' ? meaning.commands : []));
  return orderId === undefined
    ? commands
    : commands.filter((command) => command.to === 'order' && command.orderId === orderId);
}
export const idsOf = (commands: readonly InboundCommand[]): readonly string[] => [
  ...new Set(commands.map(({ command }) => command.id)),
];

/** Every order command as the product's own border would take it, where instants are text. */
function expectValid(commands: readonly InboundCommand[], channel: string): void {
  for (const one of commands) {
    if (one.to !== 'order') continue;
    const { orderId, command } = one;
    const json = Object.fromEntries(
      Object.entries(command).map(([name, value]) =>
        INSTANTS.has(name) && typeof value === 'number' ? [name, new Date(value).toISOString()] : [name, value],
      ),
    );
    if (command.type !== 'place') {
      expect(OrderCommandBody.safeParse(json).error?.message, JSON.stringify(command)).toBeUndefined();
      continue;
    }
    const { type: _, ...place } = json;
    expect(PlaceOrder.safeParse({ ...place, orderId, channel }).error?.message, JSON.stringify(place)).toBeUndefined();
  }
}
const INSTANTS: ReadonlySet<string> = new Set(['occurredAt', 'expiresAt']);

/** One order in our words: what was placed, and the ids of all that is said of it. */
export function placedIn(rig: ChannelRig, messages: readonly InboundMessage[], order: string) {
  const { channel, tellsSales } = inboundOf(rig);
  if (tellsSales) return soldIn(messages, channel, order);
  const commands = commandsOf(messages, orderIdOf(channel, order));
  expectValid(commands, channel);
  const [place] = commands.flatMap(({ command }) => (command.type === 'place' ? [command] : []));
  expect(place, `order ${order} is placed: ${JSON.stringify(messages)}`).toBeDefined();
  const units: Record<string, number> = {};
  for (const { sku, quantity } of place!.lines) units[sku] = (units[sku] ?? 0) + quantity;
  return { kind: place!.kind, units, ids: idsOf(commands), types: commands.map(({ command }) => command.type) };
}

/** Of a till: its sales are what a commitment would be. */
function soldIn(messages: readonly InboundMessage[], channel: string, order: string) {
  const sold = commandsOf(messages).flatMap((one) => {
    if (one.to !== 'stock' || !one.command.id.startsWith(`${channel}:${order}:`)) return [];
    const { occurredAt } = one.command;
    const json = {
      ...one.command,
      ...(occurredAt !== undefined && { occurredAt: new Date(occurredAt).toISOString() }),
    };
    expect(StockCommand.safeParse(json).error?.message, JSON.stringify(json)).toBeUndefined();
    return [one.command];
  });
  expect(sold, `order ${order} is told: ${JSON.stringify(messages)}`).not.toEqual([]);
  const units: Record<string, number> = {};
  for (const command of sold) {
    if (command.type === 'sale') units[command.sku] = (units[command.sku] ?? 0) + command.quantity;
  }
  const ids = [...new Set(sold.map(({ id }) => id))];
  return { kind: 'commitment' as const, units, ids, types: sold.map(({ type }) => type) };
}

export async function anOrder(rig: ChannelRig): Promise<{ order: string; units: Record<string, number> }> {
  const [a, b] = await rig.seed(2, 50);
  const order = await inboundOf(rig).order([
    { sku: a!, quantity: 2 },
    { sku: b!, quantity: 1 },
  ]);
  return { order, units: { [a!]: 2, [b!]: 1 } };
}

export const read = (rig: ChannelRig, watermark: string | undefined, patience?: Patience): Promise<PollReply> =>
  asked(rig, (signal) => inboundOf(rig).inbound.poll!.read(watermark, signal), 'poll', patience);

/** Page after page until there is no more. */
export async function drained(rig: ChannelRig, from: string | undefined) {
  const messages: InboundMessage[] = [];
  let watermark = from;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const reply = await read(rig, watermark);
    if (reply.kind !== 'page') throw new Error(`${reply.kind}: ${reply.reason}`);
    messages.push(...reply.messages);
    if (reply.more) expect(reply.watermark, 'a page that leads to itself').not.toBe(watermark);
    watermark = reply.watermark;
    if (!reply.more) return { messages, watermark };
  }
  throw new Error(`more than ${PAGES_MAX} pages`);
}
const PAGES_MAX = 50;
