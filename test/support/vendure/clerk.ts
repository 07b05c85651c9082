// A clerk of a Vendure shop, by the Admin API: looks at stock, sends parcels, cancels, takes back, types in numbers.
import { type Ask, asker, OR_ERROR, unless } from './graphql.ts';
import { VENDURE_PASSWORD, VENDURE_USER } from './vendure.ts';

type Result = { readonly __typename: string };
export interface Level {
  readonly stockOnHand: number;
  readonly stockAllocated: number;
}

export interface Clerk {
  readonly ask: Ask;
  /** At its only stock location. */
  level(variant: string): Promise<Level>;
  /** What buyers can have: on-hand − allocated. */
  sellable(variant: string): Promise<number>;
  setOnHand(variant: string, units: number): Promise<void>;
  /** Prepares a parcel of so many units of each variant and sends it. @returns the fulfilment's id */
  ship(order: string, units: Readonly<Record<string, number>>): Promise<string>;
  /** Some or all units; of units that were shipped this means that they came back. */
  cancel(order: string, units?: Readonly<Record<string, number>>): Promise<void>;
  state(order: string): Promise<string>;
}

export async function clerkAt(url: string): Promise<Clerk> {
  const ask = asker(`${url}/admin-api`);
  const login = `mutation ($user: String!, $password: String!) { result: login(username: $user, password: $password) { ${OR_ERROR} } }`;
  unless(
    'CurrentUser',
    (await ask<{ result: Result }>(login, { user: VENDURE_USER, password: VENDURE_PASSWORD })).result,
  );
  const linesOf = async (order: string, units: Readonly<Record<string, number>>) => {
    const { order: found } = await ask<{
      order: { lines: readonly { id: string; productVariant: { id: string } }[] };
    }>('query ($order: ID!) { order(id: $order) { lines { id productVariant { id } } } }', { order });
    return Object.entries(units).map(([variant, quantity]) => {
      const line = found.lines.find(({ productVariant }) => productVariant.id === variant);
      return { orderLineId: line!.id, quantity };
    });
  };
  const level = async (variant: string) => {
    const { productVariant } = await ask<{ productVariant: { stockLevels: readonly Level[] } }>(
      'query ($variant: ID!) { productVariant(id: $variant) { stockLevels { stockOnHand stockAllocated } } }',
      { variant },
    );
    return productVariant.stockLevels[0]!;
  };
  return {
    ask,
    level,
    async sellable(variant) {
      const { stockOnHand, stockAllocated } = await level(variant);
      return stockOnHand - stockAllocated;
    },
    async setOnHand(variant, units) {
      const query = `mutation ($variant: ID!, $units: Int!) { updateProductVariants(input: [{id: $variant, stockOnHand: $units}]) { id } }`;
      await ask(query, { variant, units });
    },
    async ship(order, units) {
      const handler =
        '{code: "manual-fulfillment", arguments: [{name: "method", value: "parcel"}, {name: "trackingCode", value: "1"}]}';
      const add = `mutation ($lines: [OrderLineInput!]!) { result: addFulfillmentToOrder(input: {lines: $lines, handler: ${handler}}) { ${OR_ERROR} ... on Fulfillment { id } } }`;
      const lines = await linesOf(order, units);
      const { id } = unless('Fulfillment', (await ask<{ result: Result & { id: string } }>(add, { lines })).result);
      await moveFulfilment(ask, id, 'Shipped');
      return id;
    },
    async cancel(order, units) {
      const lines = units && (await linesOf(order, units));
      const query = `mutation ($order: ID!, $lines: [OrderLineInput!]) { result: cancelOrder(input: {orderId: $order, lines: $lines}) { ${OR_ERROR} } }`;
      unless('Order', (await ask<{ result: Result }>(query, { order, lines })).result);
    },
    async state(order) {
      const query = 'query ($order: ID!) { order(id: $order) { state } }';
      return (await ask<{ order: { state: string } }>(query, { order })).order.state;
    },
  };
}

/** @throws Error with Vendure's code */
export async function moveFulfilment(
  ask: Ask,
  id: string,
  state: 'Shipped' | 'Delivered' | 'Cancelled',
): Promise<void> {
  const query = `mutation ($id: ID!, $state: String!) { result: transitionFulfillmentToState(id: $id, state: $state) { ${OR_ERROR} } }`;
  unless('Fulfillment', (await ask<{ result: Result }>(query, { id, state })).result);
}
