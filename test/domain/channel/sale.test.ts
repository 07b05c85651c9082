// Which events of a stock say that a channel changed by itself what it shows.
import { describe, expect, it } from 'vitest';
import { channelSale } from '../../../domain/channel/sale.ts';
import type { JsonObject } from '../../../domain/event-log.ts';
import { STOCK_EVENT_VERSION } from '../../../domain/stock/events.ts';
import { UnknownEventVersion } from '../../../domain/versioned-event.ts';

const recorded = (type: string, data: JsonObject, stream = 'stock-A~north') => ({
  id: 'e',
  type,
  data: { v: STOCK_EVENT_VERSION, ...data },
  metadata: {},
  stream,
  revision: 4,
  position: 40n,
});

describe('channelSale', () => {
  it.each([
    ['a sale that the channel reports', recorded('UnitsSold', { channel: 'shop', quantity: 1 })],
    [
      'one that uses up its reservation',
      recorded('UnitsSold', { channel: 'shop', consumed: { id: 'r', channel: 'shop', quantity: 1 } }),
    ],
    ['a return that the channel reports', recorded('UnitsReturned', { channel: 'shop', disposition: 'quarantine' })],
    ['a reservation for the channel', recorded('ReservationMade', { channel: 'shop', quantity: 1 })],
    ['one that is given back', recorded('ReservationReleased', { channel: 'shop', quantity: 1 })],
    ['one that nobody confirmed', recorded('ReservationExpired', { channel: 'shop', quantity: 1 })],
  ])('is %s', (_, event) => {
    expect(channelSale(event)).toEqual({ channel: 'shop', sku: 'A' });
  });

  it.each([
    ['a sale of no channel', recorded('UnitsSold', { quantity: 1 })],
    ['a fulfilment of what was reserved', recorded('FulfilmentConfirmed', { consumed: { id: 'r', channel: 'shop' } })],
    ['a reservation that is committed', recorded('ReservationCommitted', { channel: 'shop' })],
    ['a return to no channel', recorded('UnitsReturned', {})],
    ['a parked sale', recorded('FactParked', { fact: { type: 'sale', channel: 'shop' } })],
    ['an event of another stream', recorded('UnitsSold', { channel: 'shop' }, 'order-1')],
  ])('is not %s', (_, event) => {
    expect(channelSale(event)).toBeUndefined();
  });

  it('is of the bundle that was sold or reserved', () => {
    const stream = 'bundle-KIT 1~north~r~web:7';
    expect(channelSale(recorded('BundleSold', { channel: 'shop' }, stream))).toEqual({ channel: 'shop', sku: 'KIT 1' });
    expect(channelSale(recorded('BundleReservationMade', { channel: 'shop' }, stream))?.sku).toBe('KIT 1');
    expect(channelSale(recorded('BundleReservationAsked', { channel: 'shop' }, stream))).toBeUndefined();
    expect(channelSale(recorded('BundleSold', {}, stream))).toBeUndefined();
    expect(() => channelSale(recorded('BundleSold', { v: 99 }, stream))).toThrow(UnknownEventVersion);
  });

  it('is refused in a version that is not known', () => {
    expect(() => channelSale(recorded('UnitsSold', { v: 99, channel: 'shop' }))).toThrow(UnknownEventVersion);
  });
});
