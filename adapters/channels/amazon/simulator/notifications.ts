// ORDER_CHANGE notifications of simulated Amazon, and the forwarder that a seller runs beside its queue: it posts each
// notification to Evenstock's webhook, signed. Amazon delivers at least once and in no particular order.
import { randomUUID } from 'node:crypto';
import { SIGNATURE_HEADER, sign, TIMESTAMP_HEADER } from '../../signature.ts';
import { type Order, type OrderStatus, unshipped } from './orders.ts';

const STATUS: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'Pending',
  UNSHIPPED: 'Unshipped',
  PARTIALLY_SHIPPED: 'PartiallyShipped',
  SHIPPED: 'Shipped',
  CANCELLED: 'Canceled',
};

/** The body of a message in the queue. */
export function orderChange(
  order: Order,
  seller: { readonly sellerId: string; readonly marketplaceId: string },
  at: number,
) {
  const left = unshipped(order);
  const sum = (units: Iterable<number>) => [...units].reduce((a, b) => a + b, 0);
  const time = new Date(at).toISOString();
  return {
    ...{ NotificationVersion: '1.0', NotificationType: 'ORDER_CHANGE', PayloadVersion: '1.0', EventTime: time },
    Payload: {
      OrderChangeNotification: {
        ...{ NotificationLevel: 'OrderLevel', SellerId: seller.sellerId, AmazonOrderId: order.id },
        OrderChangeType: 'OrderStatusChange',
        OrderChangeTrigger: {
          TimeOfOrderChange: new Date(order.updatedAt).toISOString(),
          ChangeReason: 'Order status changed',
        },
        Summary: {
          ...{ MarketplaceId: seller.marketplaceId, OrderStatus: STATUS[order.status] },
          ...{ PurchaseDate: new Date(order.createdAt).toISOString(), DestinationPostalCode: null },
          ...{ FulfillmentType: order.fulfilledBy === 'AMAZON' ? 'AFN' : 'MFN', OrderType: 'StandardOrder' },
          NumberOfItemsShipped: sum(order.items.map(({ quantity }) => quantity)) - sum(left.values()),
          NumberOfItemsUnshipped: sum(left.values()),
          OrderItems: order.items.map(({ id, sku, quantity }) => ({
            ...{ OrderItemId: id, SellerSKU: sku, SupplySourceId: null },
            ...{ Quantity: quantity, QuantityShipped: quantity - left.get(id)!, IsBuyerRequestedCancel: false },
          })),
        },
      },
    },
    NotificationMetadata: {
      ...{ ApplicationId: 'amzn1.sellerapps.app.simulated', SubscriptionId: 'simulated', PublishTime: time },
      NotificationId: randomUUID(),
    },
  };
}

/** What a forwarder does with one notification. Rejects if Evenstock does not take it: then it stays in the queue. */
export async function forward(
  notification: object,
  to: {
    readonly url: string;
    readonly secret: string;
    readonly now?: () => number;
    /** Sent besides, such as `traceparent`. */
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const body = JSON.stringify(notification);
  const timestamp = String(Math.floor((to.now ?? Date.now)() / 1_000));
  const headers = {
    ...to.headers,
    'content-type': 'application/json',
    [TIMESTAMP_HEADER]: timestamp,
    [SIGNATURE_HEADER]: sign(to.secret, timestamp, body),
  };
  const response = await fetch(to.url, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}
