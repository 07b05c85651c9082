// Stream names: one way there, one way back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocationId, parseStockStream, Sku, stockStream } from '../../../domain/stock/stream.ts';

describe('the stream of a stock', () => {
  it('names SKU and location', () => {
    expect(stockStream('85123A', 'store-001')).toBe('stock-85123A~store-001');
    expect(parseStockStream('stock-85123A~store-001')).toEqual({ sku: '85123A', location: 'store-001' });
  });

  it.each(['channel-webshop', 'stock-85123A', '$ce-stock', '', 'Stock-A~b'])('is not %j', (stream) => {
    expect(parseStockStream(stream)).toBeUndefined();
  });

  // Seen failing: `-` for `~` between SKU and location.
  it('splits one way only, whatever the names', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9._/+-]{1,12}$/);
    const sku = name.filter((text) => Sku.safeParse(text).success);
    const location = name.filter((text) => LocationId.safeParse(text).success);
    fc.assert(
      fc.property(sku, location, (s, l) => {
        expect(parseStockStream(stockStream(s, l))).toEqual({ sku: s, location: l });
      }),
    );
  });
});
