// What an adapter translated is checked by the same schemas as what is posted to the API: an adapter turns what a channel
// says into commands, and channels say strange things.
import type { z } from 'zod';
import type { InboundCommand } from '../../adapters/inbound/inbound.ts';
import { OrderCommandBody, OrderId, PlaceOrder } from '../../domain/order/commands.ts';

type ToOrder = Extract<InboundCommand, { to: 'order' }>;

export type CheckedOrder =
  | {
      readonly orderId: string;
      readonly command: ({ readonly type: 'place' } & z.output<typeof PlaceOrder>) | z.output<typeof OrderCommandBody>;
    }
  | { readonly wrong: string };

export function checkOrderCommand({ orderId, command }: ToOrder, channel: string): CheckedOrder {
  const id = OrderId.safeParse(orderId);
  if (!id.success) return { wrong: `the order id ${orderId} ${id.error.issues[0]!.message}` };
  const json = asJson(command);
  if (json === undefined) return { wrong: `${command.type} has a time that is none` };
  if (command.type !== 'place') {
    const parsed = OrderCommandBody.safeParse(json);
    return parsed.success ? { orderId, command: parsed.data } : { wrong: whatIsWrong(command.type, parsed.error) };
  }
  const { type, ...body } = json;
  const parsed = PlaceOrder.safeParse({ ...body, orderId, channel });
  return parsed.success
    ? { orderId, command: { type: 'place', ...parsed.data } }
    : { wrong: whatIsWrong(command.type, parsed.error) };
}

/** Instants as text, as they stand in JSON. Undefined: one of them is no time. */
export function asJson(command: object): Record<string, unknown> | undefined {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(command)) {
    if (value === undefined) continue;
    if (!INSTANTS.has(name)) json[name] = value;
    else if (typeof value !== 'number' || !(Math.abs(value) <= DATE_MS_MAX)) return undefined;
    else json[name] = new Date(value).toISOString();
  }
  return json;
}
const INSTANTS: ReadonlySet<string> = new Set(['occurredAt', 'expiresAt']);
/** ECMA-262 §21.4.1.1. */
const DATE_MS_MAX = 8.64e15;

function whatIsWrong(type: string, { issues }: z.ZodError): string {
  const [first] = issues;
  return `${type}: ${first?.path.join('.')} ${first?.message}`;
}
