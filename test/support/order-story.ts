// Given / when / then for orders: commands are decided one after another, stocks answer as the test says.
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import { type OrderCommand, PlaceOrder } from '../../domain/order/commands.ts';
import { decide } from '../../domain/order/decide.ts';
import type { OrderEvent } from '../../domain/order/events.ts';
import { evolve } from '../../domain/order/evolve.ts';
import { newOrder, type Order } from '../../domain/order/order.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { NOON } from './actors.ts';

export type FreeUnits = Readonly<Record<string, Readonly<Record<string, number>>>>;
type Say = (command: StockCommand) => 'accepted' | string;

/** Any reason but `accepted` is a refusal. */
export function orderStory(free: FreeUnits, policy: Partial<PolicyDocumentJson> = {}, id = '1') {
  const locations = ['warehouse', 'store-1', 'store-2'];
  const document = PolicyDocument.parse({
    version: 'test',
    locations: [...locations.map((id) => ({ id })), { id: 'kiosk' }],
    channels: [{ id: 'web', locations }],
    ...policy,
  });
  const compiled = compilePolicy(document);
  let order: Order = newOrder(id);
  let number = 0;
  const story = {
    now: NOON,
    id,
    events: [] as OrderEvent[],
    order: () => order,
    send(command: OrderCommand) {
      const context = {
        now: story.now,
        policy: compiled,
        free: (sku: string, location: string) => free[location]?.[sku] ?? 0,
      };
      const decision = decide(order, command, context);
      if (decision.outcome === 'refused') return decision.reason;
      for (const event of decision.events) {
        order = evolve(order, event);
        story.events.push(event);
      }
      return order.status;
    },
    place(fields: Record<string, unknown> = {}) {
      const body = { id: 'place', orderId: id, channel: 'web', kind: 'request', lines: [{ sku: 'A', quantity: 1 }] };
      return story.send({ type: 'place', ...PlaceOrder.parse({ ...body, ...fields }) });
    },
    /** All that is owed is answered, round after round. */
    answer(say: Say = () => 'accepted') {
      for (let round = 0; round < 50 && order.owed.length > 0; round++) {
        const answers = order.owed.map((command) => {
          const said = say(command);
          const commandId = command.id;
          return said === 'accepted'
            ? ({ commandId, outcome: 'accepted' } as const)
            : ({ commandId, outcome: 'refused', reason: said } as const);
        });
        number += 1;
        story.send({ type: 'record', id: `record-${number}`, answers });
      }
      return order.status;
    },
    owed: () =>
      order.owed.map(({ type, sku, location, ...rest }) => {
        const quantity = 'quantity' in rest && rest.quantity !== undefined ? ` ${rest.quantity}` : '';
        return `${type} ${sku}@${location}${quantity}`;
      }),
    types: () => story.events.map(({ type }) => type),
  };
  return story;
}
