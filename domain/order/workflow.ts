// Orders as a workflow: the stream `order-<id>`, its decider, and what it owes the stocks (domain/workflow.ts).
import type { Answered, Workflow } from '../workflow.ts';
import type { OrderCommand, OrderRefusal, StockAnswer } from './commands.ts';
import { decide } from './decide.ts';
import { ORDER_EVENT_TYPES, ORDER_EVENT_VERSION, ORDER_UPCASTERS, type OrderEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { newOrder, numberOf, type Order } from './order.ts';

export const ORDER_CATEGORY = 'order';

export const orderWorkflow: Workflow<Order, OrderCommand, OrderEvent, OrderRefusal> = {
  category: ORDER_CATEGORY,
  version: ORDER_EVENT_VERSION,
  types: ORDER_EVENT_TYPES,
  upcasters: ORDER_UPCASTERS,
  initial: newOrder,
  decide(order, command, { now, policy, free }) {
    const channel = command.type === 'place' ? command.channel : order.channel;
    return decide(order, command, { now, policy, free: (sku, location) => free(sku, location, channel) });
  },
  evolve,
  owed: (order) => order.owed,
  // Two processes may hear different answers to the same commands: the id says which were heard.
  record: (order, answers) => ({
    type: 'record',
    id: `${answers[0]!.command.id}:answered:${answers.map(({ answer }) => answer.outcome[0]).join('')}`,
    answers: answers.map((answered) => stockAnswer(order, answered)),
  }),
};

function stockAnswer(order: Order, { command, answer }: Answered): StockAnswer {
  const said = { commandId: command.id, outcome: answer.outcome };
  if (answer.outcome === 'refused') return { ...said, reason: answer.reason };
  if (command.type !== 'reservation.make') return said;
  const { sku, location, quantity } = command;
  return { ...said, reserved: { number: numberOf(order, command.reservationId), sku, location, quantity } };
}

/** The order of a stream, undefined for any other stream. */
export function parseOrderStream(stream: string): string | undefined {
  return stream.startsWith(`${ORDER_CATEGORY}-`) ? stream.slice(ORDER_CATEGORY.length + 1) : undefined;
}
