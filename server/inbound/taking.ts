// Takes what a channel told: its commands go to orders and stocks one after the other, under the channel's own name. The
// ids of the commands are made of the channel's own ids, so taking a message again, in part or whole, changes nothing.
import { hash } from 'node:crypto';
import type { InboundCommand, InboundMessage } from '../../adapters/inbound/inbound.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { OrderCommandOf } from '../../domain/order/commands.ts';
import { isMore } from '../../domain/order/extend.ts';
import type { Order } from '../../domain/order/order.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { Availability } from '../../projections/availability.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Client } from '../auth/keys.ts';
import type { OrderProcess } from '../orders/order-process.ts';
import { HttpProblem, type ProblemName } from '../problems.ts';
import { checkCommand } from '../routes/intake/check-command.ts';
import { requirePlacingOwner, requireUnitsOwner } from '../routes/order-ownership.ts';
import { asJson, checkOrderCommand } from './command-json.ts';
import { aside, ofOrderRefusal, TAKEN, type Verdict } from './verdict.ts';

export interface TakingRoom {
  readonly orders: Pick<OrderProcess, 'submit' | 'state'>;
  readonly stocks: Pick<StockActors, 'submit'>;
  readonly policy: () => Policy;
  readonly log: Pick<EventLog, 'head'>;
  readonly availability: Pick<Availability, 'position' | 'waitFor'>;
  /** A stock command named what the policy does not know. */
  readonly rejected: (reason: ProblemName, command: StockCommand, client: { readonly id: string }) => void;
}

const FIGURES_MS_MAX = 5_000;

/** @throws Unavailable · LogCorrupt when the state of an order cannot be read */
export async function takeMessage(
  channel: string,
  { meaning }: InboundMessage,
  room: TakingRoom,
  traceparent?: string,
): Promise<Verdict> {
  switch (meaning.kind) {
    case 'ignored':
      return TAKEN;
    case 'malformed':
      return aside('malformed', meaning.reason);
    case 'unmapped': {
      const { what, id } = meaning;
      const name = { of: 'channel', what, id: id.slice(0, 256) } as const;
      return aside('unmapped', `it names the ${what} ${id}, which is not mapped`, { name });
    }
    case 'commands':
      for (const command of meaning.commands) {
        const verdict = await takeCommand(channel, command, room, traceparent);
        if (verdict.kind !== 'taken') return verdict;
      }
      return TAKEN;
  }
}

function takeCommand(
  channel: string,
  command: InboundCommand,
  room: TakingRoom,
  traceparent: string | undefined,
): Promise<Verdict> {
  return command.to === 'order'
    ? takeOrderCommand(channel, command, room, traceparent)
    : takeStockCommand(channel, command.command, room, traceparent);
}

async function takeOrderCommand(
  channel: string,
  given: Extract<InboundCommand, { to: 'order' }>,
  room: TakingRoom,
  traceparent: string | undefined,
): Promise<Verdict> {
  const checked = checkOrderCommand(given, channel);
  if ('wrong' in checked) return aside('malformed', checked.wrong);
  const { orderId, command } = checked;
  const before = (await room.orders.state(orderId))?.state;
  if (before !== undefined && before.channel !== channel) {
    return aside('refused', `order ${orderId} is of ${before.channel}`, { refusal: 'order-exists' });
  }
  const notOwned = owned(channel, command, before, room.policy());
  if (notOwned !== undefined) return aside('refused', notOwned, { refusal: 'not-owner' });
  // Sourced by old figures, units that just came in would be refused to a buyer.
  if (command.type === 'place' && command.kind === 'request' && !(await isOfNow(room))) {
    return { kind: 'busy', reason: 'the figures are behind the log' };
  }
  const asked = forOrder(command, channel, before);
  if (asked === undefined) return TAKEN;
  const answer = await room.orders.submit(orderId, asked, { source: channel, traceparent });
  if (answer.outcome === 'accepted') {
    const isLess = asked.type === 'place' && isMore(answer.state, asked.lines);
    return isLess ? aside('later', `order ${orderId} was placed with less meanwhile`) : TAKEN;
  }
  if (answer.outcome === 'failed') return { kind: 'busy', reason: answer.detail, afterMs: answer.retryAfterMs };
  if (answer.reason === 'unknown-sku' || answer.reason === 'unknown-location') {
    const name = unknownName(command, room.policy());
    return aside('unmapped', answer.detail, { name, refusal: answer.reason });
  }
  const status = (await room.orders.state(orderId))?.state.status ?? 'new';
  return ofOrderRefusal(asked.type === 'call-off' ? 'cancel' : asked.type, answer.reason, answer.detail, status);
}

type Asked = Checked | OrderCommandOf<'extend' | 'call-off'>;

/**
 * What the message means for the order as it is. What is cancelled may not have been placed yet, and then must not be open
 * when it is; what is placed again may have more in it by now. Undefined: nothing.
 */
function forOrder(command: Checked, channel: string, before: Order | undefined): Asked | undefined {
  const { type, id } = command;
  if (type === 'cancel' && command.units === undefined && command.cancelled === undefined) {
    return { type: 'call-off', id, channel };
  }
  if (type !== 'place' || before === undefined) return command;
  const { lines } = command;
  if (!isMore(before, lines)) return undefined;
  // No sender's id has a space in it.
  return { type: 'extend', id: `${id} ${hash('sha256', JSON.stringify(lines))}`, lines };
}

type Checked = Extract<ReturnType<typeof checkOrderCommand>, { command: unknown }>['command'];

function unknownName(command: Checked, policy: Policy) {
  const lines = command.type === 'place' ? command.lines : [];
  const sku = lines.find((line) => !policy.knowsSku(line.sku))?.sku;
  if (sku !== undefined) return { of: 'policy', what: 'sku', id: sku } as const;
  const units = command.type === 'fulfil' || command.type === 'return' ? command.units : [];
  const location = units.find((one) => one.location !== undefined && !policy.knowsLocation(one.location))?.location;
  return location === undefined ? undefined : ({ of: 'policy', what: 'location', id: location } as const);
}

/** Why the policy lets others write this; undefined: the channel may. */
function owned(channel: string, command: Checked, order: Order | undefined, policy: Policy): string | undefined {
  const client = clientOf(channel);
  try {
    if (command.type === 'place') requirePlacingOwner(policy, client, channel);
    else if (order !== undefined && (command.type === 'fulfil' || command.type === 'return'))
      requireUnitsOwner(policy, client, order, command.type, command.units);
    return undefined;
  } catch (error) {
    if (error instanceof HttpProblem) return error.message;
    throw error;
  }
}

async function isOfNow({ log, availability }: TakingRoom): Promise<boolean> {
  const head = await log.head();
  return availability.position() >= head || availability.waitFor(head, FIGURES_MS_MAX);
}

async function takeStockCommand(
  channel: string,
  given: StockCommand,
  room: TakingRoom,
  traceparent: string | undefined,
): Promise<Verdict> {
  const json = asJson(given);
  if (json === undefined) return aside('malformed', `${given.type} has a time that is none`);
  const { policy, rejected } = room;
  const checked = checkCommand({ policy, observe: { rejected } }, clientOf(channel), {
    source: { id: channel },
    ...json,
  });
  if ('bad' in checked) {
    const { reason, detail } = checked.bad;
    if (reason === 'invalid-command') return aside('malformed', detail);
    if (reason !== 'unknown-sku' && reason !== 'unknown-location') return aside('refused', detail, { refusal: reason });
    const name = { of: 'policy', ...unknownIn(checked.bad.reason, given, policy()) } as const;
    return aside('unmapped', detail, { name, refusal: reason });
  }
  const answer = await room.stocks.submit({ command: checked.command, client: channel, traceparent });
  if (answer.outcome === 'failed') return { kind: 'busy', reason: answer.detail, afterMs: answer.retryAfterMs };
  // A fact that was parked is in the log, with a case of its own.
  if (answer.outcome !== 'refused') return TAKEN;
  return aside('refused', answer.detail, { refusal: answer.reason });
}

function unknownIn(reason: string, given: StockCommand, policy: Policy) {
  if (reason === 'unknown-sku') return { what: 'sku', id: given.sku } as const;
  const other = 'to' in given ? given.to : 'from' in given ? given.from : given.location;
  return { what: 'location', id: policy.knowsLocation(given.location) ? other : given.location } as const;
}

/** A channel acts under its own name; what it may write is the policy's to say. */
function clientOf(channel: string): Client {
  return { id: channel, scopes: new Set(['commands:write', 'orders:write']), locations: 'all', channels: 'all' };
}
