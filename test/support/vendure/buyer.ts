// A buyer in a Vendure shop, by the Shop API: basket, address, shipping, payment.
import { asker, OR_ERROR, unless } from './graphql.ts';

type Result = { readonly __typename: string };

export interface Buyer {
  /** @throws Error with Vendure's code, such as INSUFFICIENT_STOCK_ERROR */
  add(variant: string, quantity: number): Promise<void>;
  /** To the point where only the payment is missing. @throws Error as above */
  checkOut(): Promise<void>;
  /** `paid` takes the money, `authorised` reserves it. @returns the order's id */
  pay(method?: 'paid' | 'authorised'): Promise<string>;
}

export function buyerAt(url: string): Buyer {
  const ask = asker(`${url}/shop-api`);
  return {
    async add(variant, quantity) {
      const query = `mutation ($variant: ID!, $quantity: Int!) { result: addItemToOrder(productVariantId: $variant, quantity: $quantity) { ${OR_ERROR} } }`;
      unless('Order', (await ask<{ result: Result }>(query, { variant, quantity })).result);
    },
    async checkOut() {
      const email = `buyer-${crypto.randomUUID()}@example.com`;
      await ask(
        `mutation ($email: String!) { setCustomerForOrder(input: {firstName: "A", lastName: "Buyer", emailAddress: $email}) { ${OR_ERROR} } }`,
        { email },
      );
      await ask(
        `mutation { setOrderShippingAddress(input: {streetLine1: "1 Street", countryCode: "DE"}) { ${OR_ERROR} } }`,
      );
      const { eligibleShippingMethods } = await ask<{ eligibleShippingMethods: readonly { id: string }[] }>(
        '{ eligibleShippingMethods { id } }',
      );
      await ask(`mutation ($ids: [ID!]!) { setOrderShippingMethod(shippingMethodId: $ids) { ${OR_ERROR} } }`, {
        ids: [eligibleShippingMethods[0]!.id],
      });
      const query = `mutation { result: transitionOrderToState(state: "ArrangingPayment") { ${OR_ERROR} ... on OrderStateTransitionError { transitionError } } }`;
      unless('Order', (await ask<{ result: Result }>(query)).result);
    },
    async pay(method = 'paid') {
      const query = `mutation ($method: String!) { result: addPaymentToOrder(input: {method: $method, metadata: {}}) { ${OR_ERROR} ... on Order { id } } }`;
      return unless('Order', (await ask<{ result: Result & { id: string } }>(query, { method })).result).id;
    },
  };
}

/** From an empty basket to a paid order, in two calls. @returns its id. @throws Error with Vendure's code */
export async function buy(
  url: string,
  lines: Readonly<Record<string, number>>,
  method: 'paid' | 'authorised' = 'paid',
): Promise<string> {
  const ask = asker(`${url}/shop-api`);
  const [first, ...more] = Object.entries(lines).map(
    ([variant, quantity], n) =>
      `line${n}: addItemToOrder(productVariantId: ${JSON.stringify(variant)}, quantity: ${quantity}) { ${OR_ERROR} }`,
  );
  // The first answer names the session that the rest needs; the fields of a mutation run one after the other.
  const { line0 } = await ask<{ line0: Result }>(`mutation { ${first} }`);
  unless('Order', line0);
  const variables = { email: `buyer-${crypto.randomUUID()}@example.com`, method };
  const { moved, paid, ...added } = await ask<Record<string, Result & { id: string }>>(rest(more), variables);
  for (const result of Object.values(added)) unless('Order', result);
  unless('Order', moved!);
  return unless('Order', paid!).id;
}

/** The only shipping method of the seeded shop. */
const PARCEL = '1';
const rest = (lines: readonly string[]) => `mutation ($email: String!, $method: String!) {
  ${lines.join('\n')}
  setCustomerForOrder(input: {firstName: "A", lastName: "Buyer", emailAddress: $email}) { ${OR_ERROR} }
  setOrderShippingAddress(input: {streetLine1: "1 Street", countryCode: "DE"}) { ${OR_ERROR} }
  setOrderShippingMethod(shippingMethodId: ["${PARCEL}"]) { ${OR_ERROR} }
  moved: transitionOrderToState(state: "ArrangingPayment") { ${OR_ERROR} ... on OrderStateTransitionError { transitionError } }
  paid: addPaymentToOrder(input: {method: $method, metadata: {}}) { ${OR_ERROR} ... on Order { id } }
}`;
