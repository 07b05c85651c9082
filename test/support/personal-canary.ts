// A buyer's particulars under the names that shops give them, put beside every field of a payload. None may come into the log.
export const PERSONAL = 'b7yerCanaryQx';

const ADDRESS = { first_name: PERSONAL, lastName: PERSONAL, address1: `${PERSONAL} 1`, City: PERSONAL, zip: PERSONAL };
const BUYER = {
  ...{ name: PERSONAL, email: `${PERSONAL}@example.com`, contact_email: `${PERSONAL}@example.com`, phone: PERSONAL },
  ...{
    note: `ring at ${PERSONAL}`,
    browser_ip: PERSONAL,
    customer_ip_address: PERSONAL,
    buyer_email_address: PERSONAL,
  },
  ...{ customer: { ...ADDRESS, email: PERSONAL }, BuyerInfo: { BuyerName: PERSONAL }, buyerUsername: PERSONAL },
  ...{ billing: ADDRESS, shipping_address: ADDRESS, shippingAddress: ADDRESS, recipient: [ADDRESS] },
  ...{ note_attributes: [{ name: PERSONAL, value: PERSONAL }], meta_data: [{ key: 'k', value: PERSONAL }] },
};

/** The payload with a buyer in every object of it; its own fields stay what they are. */
export function withBuyers(payload: unknown): unknown {
  if (Array.isArray(payload)) return payload.map(withBuyers);
  if (typeof payload !== 'object' || payload === null) return payload;
  const own = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, withBuyers(value)]));
  return { ...BUYER, ...own };
}
