// What the rest of the server may ask of orders.
import type { OrderCommand, OrderRefusal } from '../../domain/order/commands.ts';
import type { Order } from '../../domain/order/order.ts';
import type { OrderFilter } from '../../projections/orders.ts';
import type { OrderRow } from '../../projections/orders-pages.ts';
import type { PlacedPage } from '../../projections/placed-rows.ts';
import type { Sender } from '../workflows/course.ts';
import type { WorkflowAnswer } from '../workflows/workflow-answer.ts';

export type OrderAnswer = WorkflowAnswer<Order, OrderRefusal>;

export interface OrderProcess {
  /** A request is sourced by what the read model knows: whoever places one waits for that first. */
  submit(id: string, command: OrderCommand, sender: Sender): Promise<OrderAnswer>;
  /** Undefined: never placed. @throws Unavailable · LogCorrupt · UnknownEventVersion */
  state(id: string): Promise<{ readonly state: Order; readonly revision: number } | undefined>;
  /** Open orders, the oldest first. */
  page(filter: OrderFilter, mayList: (row: OrderRow) => boolean): PlacedPage<OrderRow>;
  /** Open ones, and those (open or not) that owe something to stocks. */
  counts(): { readonly open: number; readonly owing: number };
  close(): Promise<void>;
}
