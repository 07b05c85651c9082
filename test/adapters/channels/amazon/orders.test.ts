// What an order of Amazon says, as commands: whole each time, and nothing for what is not ours to fulfil. Seen failing:
// parcels named by their number, times of tomorrow, orders of Amazon's own stock placed, parcels and the whole both sent.
import { describe, expect, it } from 'vitest';
import { translateOrder } from '../../../../adapters/channels/amazon/order.ts';
import { AmazonSettings } from '../../../../adapters/channels/amazon/settings.ts';
import { SIMULATED_SELLER } from '../../../../adapters/channels/amazon/simulator/app.ts';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';

const room = {
  channel: 'amazon-de',
  settings: AmazonSettings.parse(SIMULATED_SELLER),
  identifiers: sameIdentifiers,
};
const meaningOf = (order: object) => translateOrder({ ...anOrder, ...order }, room).meaning;
const typesOf = (order: object) => {
  const meaning = meaningOf(order);
  return meaning.kind === 'commands' ? meaning.commands.map(({ command }) => command.type) : meaning.kind;
};

const item = (id: string, sellerSku: string | undefined, quantityOrdered: number, more: object = {}) => ({
  ...{ orderItemId: id, quantityOrdered, product: { asin: 'B08DFPV54V', sellerSku } },
  ...more,
});
const anOrder = {
  ...{ orderId: '306-1', createdTime: '2026-11-23T09:00:00Z', lastUpdatedTime: '2026-11-23T09:30:00Z' },
  salesChannel: { channelName: 'AMAZON', marketplaceId: SIMULATED_SELLER.marketplaceId },
  fulfillment: { fulfillmentStatus: 'UNSHIPPED', fulfilledBy: 'MERCHANT' },
  orderItems: [item('1', 'TEE', 2), item('2', 'MUG', 1), item('3', 'TEE', 1)],
};
const shipped = (id: string, status: string, more: object = {}) => ({
  ...{ packageReferenceId: id, packageStatus: { status }, shipTime: '2026-11-23T09:20:00Z' },
  packageItems: [{ orderItemId: '1', quantity: 2 }],
  ...more,
});
const of = (fulfillmentStatus: string) => ({ fulfillment: { fulfillmentStatus, fulfilledBy: 'MERCHANT' } });

describe('an order', () => {
  it('is placed as a commitment, its lines by SKU', () => {
    expect(translateOrder(anOrder, room)).toEqual({
      about: 'order 306-1',
      meaning: {
        kind: 'commands',
        commands: [
          {
            ...{ to: 'order', orderId: 'amazon-de-306-1' },
            command: {
              ...{ type: 'place', id: 'amazon-de:306-1:place', kind: 'commitment', flow: { type: 'ship' } },
              lines: [
                { sku: 'TEE', quantity: 3 },
                { sku: 'MUG', quantity: 1 },
              ],
            },
          },
        ],
      },
    });
  });

  it('says every parcel that left, each once, at its time', () => {
    const packages = [
      shipped('a', 'DELIVERED'),
      shipped('b', 'PENDING'),
      shipped('c', 'IN_TRANSIT', {
        ...{
          shipTime: '2026-11-24T12:00:00Z',
          packageItems: [
            { orderItemId: '3', quantity: 1 },
            { orderItemId: '2', quantity: 0 },
          ],
        },
      }),
      shipped('d', 'CANCELLED'),
      shipped('e', 'SHIPPED', { packageItems: [] }),
    ];
    const meaning = meaningOf({ ...of('PARTIALLY_SHIPPED'), packages });
    expect(meaning.kind === 'commands' && meaning.commands.slice(1).map(({ command }) => command)).toEqual([
      {
        ...{ type: 'fulfil', id: 'amazon-de:306-1:fulfil:a', occurredAt: Date.parse('2026-11-23T09:20:00Z') },
        units: [{ sku: 'TEE', quantity: 2 }],
      },
      {
        // Stated for tomorrow, confirmed today.
        ...{ type: 'fulfil', id: 'amazon-de:306-1:fulfil:c', occurredAt: Date.parse('2026-11-23T09:30:00Z') },
        units: [{ sku: 'TEE', quantity: 1 }],
      },
    ]);
  });

  it('that is shipped without a parcel is shipped whole', () => {
    const meaning = meaningOf(of('SHIPPED'));
    expect(meaning.kind === 'commands' && meaning.commands[1]).toMatchObject({
      command: {
        type: 'fulfil',
        id: 'amazon-de:306-1:fulfil:all',
        units: [
          { sku: 'TEE', quantity: 3 },
          { sku: 'MUG', quantity: 1 },
        ],
      },
    });
  });

  it('that is shipped in parcels is fulfilled by them alone', () => {
    const meaning = meaningOf({ ...of('SHIPPED'), packages: [shipped('a', 'SHIPPED'), shipped('b', 'DELIVERED')] });
    expect(meaning.kind === 'commands' && meaning.commands.map(({ command }) => command.id)).toEqual([
      'amazon-de:306-1:place',
      'amazon-de:306-1:fulfil:a',
      'amazon-de:306-1:fulfil:b',
    ]);
  });

  it('that is cancelled gives back what has not left, also when its quantities are gone', () => {
    expect(typesOf(of('CANCELLED'))).toEqual(['place', 'cancel']);
    expect(typesOf({ ...of('CANCELLED'), packages: [shipped('a', 'SHIPPED')] })).toEqual(['place', 'fulfil', 'cancel']);
    expect(typesOf({ ...of('CANCELLED'), orderItems: [item('1', 'TEE', 0)] })).toEqual(['cancel']);
    expect(typesOf({ ...of('UNSHIPPED'), orderItems: [] })).toBe('ignored');
  });

  it('of which a part was cancelled before it is shipped gives back as many as are neither sent nor to be sent', () => {
    const executed = { cancellation: { cancellationExecution: { cancelledBy: 'BUYER' } } };
    const part = (fulfillment: object) =>
      meaningOf({ ...of('PARTIALLY_SHIPPED'), orderItems: [item('1', 'TEE', 5, { ...executed, fulfillment })] });
    const cancel = (quantity: number) => ({ type: 'cancel', cancelled: [{ sku: 'TEE', quantity }] });
    expect(part({ quantityFulfilled: 1, quantityUnfulfilled: 2 })).toMatchObject({
      commands: [{}, { command: cancel(2) }],
    });
    expect(part({ quantityUnfulfilled: 1 })).toMatchObject({ commands: [{}, { command: cancel(4) }] });
    expect(part({})).toMatchObject({ commands: [{}, { command: cancel(5) }] });
    expect(part({ quantityFulfilled: 2, quantityUnfulfilled: 3 })).toMatchObject({
      commands: [{ command: { type: 'place' } }],
    });
  });

  it('that is shipped without a part that was cancelled gives that part back', () => {
    const half = item('1', 'TEE', 2, { fulfillment: { quantityFulfilled: 1 } });
    expect(typesOf({ ...of('SHIPPED'), orderItems: [half] })).toEqual(['place', 'fulfil', 'cancel']);
    const gone = item('2', 'MUG', 0, { cancellation: { cancellationExecution: { cancelledBy: 'MERCHANT' } } });
    expect(typesOf({ ...of('SHIPPED'), orderItems: [item('1', 'TEE', 2), gone] })).toEqual([
      'place',
      'fulfil',
      'cancel',
    ]);
    expect(typesOf(of('SHIPPED'))).toEqual(['place', 'fulfil']);
    // A buyer who only asks for it changes nothing.
    const asked = item('1', 'TEE', 2, { cancellation: { cancellationRequest: { requester: 'BUYER' } } });
    expect(typesOf({ orderItems: [asked] })).toEqual(['place']);
  });

  it('holds its units while its payment is pending, and not yet as a pre-order', () => {
    expect(typesOf(of('PENDING'))).toEqual(['place']);
    expect(typesOf(of('PENDING_AVAILABILITY'))).toBe('ignored');
  });

  it('that is not of this channel is ignored', () => {
    expect(typesOf({ fulfillment: { fulfillmentStatus: 'UNSHIPPED', fulfilledBy: 'AMAZON' } })).toBe('ignored');
    expect(typesOf({ salesChannel: { channelName: 'NON_AMAZON' } })).toBe('ignored');
    expect(typesOf({ salesChannel: { channelName: 'AMAZON', marketplaceId: 'ATVPDKIKX0DER' } })).toBe('ignored');
  });

  it.each([
    ['an SKU that cannot be ours', { orderItems: [item('1', 'TÉE', 1)] }, { kind: 'unmapped', what: 'sku', id: 'TÉE' }],
    ['no SKU at all', { orderItems: [item('1', undefined, 1)] }, { kind: 'unmapped', what: 'sku', id: 'B08DFPV54V' }],
    [
      'half a unit',
      { orderItems: [item('1', 'TEE', 0.5)] },
      { kind: 'malformed', reason: expect.stringContaining('orderItems.0.quantityOrdered') },
    ],
    [
      'no fulfilment',
      { fulfillment: undefined },
      { kind: 'malformed', reason: expect.stringContaining('fulfillment') },
    ],
    [
      'a parcel with an item of another order',
      { packages: [shipped('a', 'SHIPPED', { packageItems: [{ orderItemId: '9', quantity: 1 }] })] },
      { kind: 'malformed', reason: expect.stringContaining('package') },
    ],
    [
      'a time that is none',
      { lastUpdatedTime: 'yesterday' },
      { kind: 'malformed', reason: expect.stringContaining('lastUpdatedTime') },
    ],
    [
      '101 lines',
      { orderItems: Array.from({ length: 101 }, (_, n) => item(`${n}`, `SKU-${n}`, 1)) },
      { kind: 'malformed', reason: 'more than 100 lines' },
    ],
  ])('with %s is set aside', (_, order, meaning) => {
    expect(meaningOf(order)).toEqual(meaning);
  });

  it.each([undefined, null, 7, 'order', [], {}])('that is %j is malformed', (raw) => {
    expect(translateOrder(raw, room).meaning.kind).toBe('malformed');
  });
});
