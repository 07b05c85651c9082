// Names made from a channel's own ids: valid whatever the channel's ids look like, and never the same for two of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderCommandId, orderIdOf } from '../../../adapters/inbound/names.ts';
import { OrderId } from '../../../domain/order/commands.ts';
import { Id } from '../../../domain/stock/commands.ts';

const theirs = fc.oneof(fc.string({ minLength: 1, maxLength: 120 }), fc.stringMatching(/^[#/A-Z0-9-]{1,80}$/));

describe('names of what a channel tells', () => {
  it('are its own ids where they can be', () => {
    expect(orderIdOf('amazon-de', '302-1234567-1234567')).toBe('amazon-de-302-1234567-1234567');
    expect(orderIdOf('shop', 'gid://shopify/Order/5')).toMatch(/^shop-gid___shopify_Order_5-[0-9a-f]{16}$/);
  });

  it('differ where only what cannot be kept differs', () => {
    const long = 'x'.repeat(80);
    expect(orderIdOf('shop', '#1 2')).not.toBe(orderIdOf('shop', '#1_2'));
    expect(orderIdOf('shop', `${long}1`)).not.toBe(orderIdOf('shop', `${long}2`));
  });

  it('are valid, and differ where the ids do', () => {
    fc.assert(
      fc.property(theirs, theirs, (a, b) => {
        expect(OrderId.safeParse(orderIdOf('shop', a)).success).toBe(true);
        expect(orderIdOf('shop', a) === orderIdOf('shop', b)).toBe(a === b);
        const [one, other] = [orderCommandId('shop', a, 'place'), orderCommandId('shop', b, 'place')];
        expect(Id.safeParse(one).success).toBe(true);
        expect(one === other).toBe(a === b);
      }),
    );
  });
});
