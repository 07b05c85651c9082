// Properties of the offline escrow, with the commands that its API and the upload really send: whatever else is asked of
// the stock meanwhile, a till that sells within what it was lent makes nothing oversold (P4, P6), its upload ends the same
// in any order and however often (P2, P3), and no lent unit gets lost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StockCommand, type StockCommandJson } from '../../../domain/stock/commands.ts';
import { decide } from '../../../domain/stock/decide.ts';
import { evolve } from '../../../domain/stock/evolve.ts';
import { available } from '../../../domain/stock/levels.ts';
import { emptyStock, type Stock } from '../../../domain/stock/stock.ts';
import { askedOfStocks, EscrowCommand, escrowId } from '../../../domain/till/escrow.ts';
import { DAY, HOUR, MINUTE } from '../../../domain/time.ts';
import { commandOf, TillLine } from '../../../server/tills/till-line.ts';
import { NOON, OPEN_POLICY } from '../../support/stock-specification.ts';

const DEVICE = 'till-7';
const at = (ms: number) => new Date(ms).toISOString();

interface Shelf {
  stock: Stock;
  now: number;
  commands: number;
  /** Refused requests. */
  refused: number;
}

function send(shelf: Shelf, json: StockCommandJson | object): 'accepted' | 'duplicate' | 'refused' {
  const command = StockCommand.parse(json);
  const decision = decide(shelf.stock, command, { now: shelf.now, policy: OPEN_POLICY, source: 's' });
  if (decision.outcome === 'accepted')
    shelf.stock = decision.events.reduce((stock, event) => evolve(stock, event), shelf.stock);
  if (decision.outcome === 'refused') shelf.refused += 1;
  return decision.outcome;
}

const place = { sku: 'TEE', location: 'store-001' };
function aShelf(units: number): Shelf {
  const shelf: Shelf = { stock: emptyStock(), now: NOON, commands: 0, refused: 0 };
  send(shelf, { type: 'receipt', id: 'in', ...place, quantity: units, occurredAt: at(NOON - HOUR) });
  return shelf;
}

function escrow(shelf: Shelf, fields: object) {
  shelf.commands += 1;
  const command = EscrowCommand.parse({ id: `e-${shelf.commands}`, location: 'store-001', ...fields });
  return askedOfStocks(DEVICE, command, ['TEE']).map((asked) => send(shelf, asked))[0]!;
}

/** As the upload makes it of a line. */
const soldOffline = (counter: number, quantity: number, occurredAt: number) =>
  commandOf(
    TillLine.parse({ counter, type: 'sale', sku: 'TEE', quantity, occurredAt: at(occurredAt) }),
    { device: DEVICE, location: 'store-001', channel: 'store' },
    () => true,
  );

const open = ({ stock }: Shelf) => {
  const escrowed = stock.reservations.get(escrowId(DEVICE));
  return escrowed === undefined ? 0 : escrowed.held + escrowed.committed;
};

const step = fc.oneof(
  fc.record({ do: fc.constant('lend' as const), n: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('sell' as const), n: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constantFrom('upload' as const, 'return' as const, 'expire' as const), n: fc.nat(1_000) }),
  fc.record({ do: fc.constantFrom('web reserves' as const, 'web ships' as const), n: fc.integer({ min: 1, max: 6 }) }),
);

describe('offline escrow', () => {
  // Seen failing: a sale of the upload that does not name the escrow; a command id without the counter; a return of one unit.
  it('a till that sells what it was lent makes nothing oversold, whatever others ask meanwhile', () => {
    let lentRuns = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.array(step, { maxLength: 40 }), (units, steps) => {
        const shelf = aShelf(units);
        let [counter, web, inTill, lent, gone, back] = [0, 0, 0, 0, 0, 0];
        let waiting: object[] = [];
        const upload = (seed: number) => {
          const twice = [...waiting, ...waiting.filter((_, n) => (n + seed) % 2 === 0)];
          for (const sale of seed % 2 === 0 ? twice.toReversed() : twice) send(shelf, sale);
          waiting = [];
        };
        for (const { do: what, n } of steps) {
          shelf.now += MINUTE;
          switch (what) {
            case 'lend': {
              const before = open(shelf);
              const lines = [{ sku: 'TEE', quantity: n }];
              const outcome = escrow(shelf, { type: 'lend', channel: 'store', expiresAt: at(shelf.now + DAY), lines });
              if (outcome !== 'accepted') break;
              expect(before).toBe(0);
              [inTill, lent] = [n, lent + n];
              lentRuns += 1;
              break;
            }
            case 'sell': {
              const units = Math.min(n, inTill);
              if (units === 0) break;
              counter += 1;
              [inTill, gone] = [inTill - units, gone + units];
              waiting.push(soldOffline(counter, units, shelf.now));
              break;
            }
            case 'upload':
              upload(n);
              break;
            // A till gives back, and its quota ends, when what it sold is known.
            case 'return':
              upload(n);
              if (escrow(shelf, { type: 'return' }) === 'accepted') [back, inTill] = [back + inTill, 0];
              break;
            case 'expire': {
              upload(n);
              shelf.now += DAY;
              const command = {
                type: 'reservation.expire',
                id: `x-${shelf.now}`,
                ...place,
                reservationId: escrowId(DEVICE),
              };
              if (send(shelf, command) === 'accepted') [back, inTill] = [back + inTill, 0];
              break;
            }
            case 'web reserves': {
              web += 1;
              const hold = {
                reservationId: `w-${web}`,
                owner: 'o',
                channel: 'web',
                expiresAt: at(shelf.now + 30 * DAY),
              };
              send(shelf, { type: 'reservation.make', id: `r-${web}`, ...place, quantity: n, ...hold });
              break;
            }
            case 'web ships': {
              const reservation = shelf.stock.reservations.get(`w-${n}`);
              if (reservation === undefined) break;
              const fields = { reservationId: `w-${n}`, quantity: reservation.held + reservation.committed };
              send(shelf, {
                type: 'fulfilment',
                id: `f-${n}-${shelf.now}`,
                ...place,
                ...fields,
                occurredAt: at(shelf.now),
              });
              break;
            }
          }
          expect(available(shelf.stock.levels), what).toBeGreaterThanOrEqual(0);
          const unknown = waiting.reduce((sum: number, sale) => sum + (sale as { quantity: number }).quantity, 0);
          expect(open(shelf), what).toBe(inTill + unknown);
        }
        upload(0);
        expect(lent).toBe(gone + back + open(shelf));
      }),
      { numRuns: 300 },
    );
    expect(lentRuns).toBeGreaterThan(100);
  });

  // Seen failing: a sale of the upload that does not name the escrow; a command id without the counter.
  it('an upload ends the same in any order and however often its lines come, beyond the escrow too', () => {
    const sales = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        sales,
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.nat(1_000)),
        (quantities, lent, order) => {
          const upload = (lines: readonly object[]) => {
            const shelf = aShelf(12);
            const fields = { channel: 'store', expiresAt: at(NOON + DAY), lines: [{ sku: 'TEE', quantity: lent }] };
            expect(escrow(shelf, { type: 'lend', ...fields })).toBe('accepted');
            for (const line of lines) send(shelf, line);
            return { levels: shelf.stock.levels, open: open(shelf) };
          };
          const lines = quantities.map((quantity, n) => soldOffline(n + 1, quantity, NOON - n * MINUTE));
          const shuffled = [...lines, ...lines]
            .map((line) => [order.next().value, line] as const)
            .sort(([a], [b]) => a - b)
            .map(([, line]) => line);
          const sold = quantities.reduce((sum, n) => sum + n, 0);
          const once = upload(lines);
          expect(upload(shuffled)).toEqual(once);
          expect(once).toMatchObject({
            levels: { onHand: 12 - sold, reserved: Math.max(0, lent - sold) },
            open: Math.max(0, lent - sold),
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('sells beyond its escrow as a fact, which may show as oversold', () => {
    const shelf = aShelf(5);
    escrow(shelf, { type: 'lend', channel: 'store', expiresAt: at(NOON + DAY), lines: [{ sku: 'TEE', quantity: 2 }] });
    const hold = { reservationId: 'w', owner: 'o', channel: 'web', expiresAt: at(NOON + DAY) };
    expect(send(shelf, { type: 'reservation.make', id: 'r-1', ...place, quantity: 4, ...hold })).toBe('refused');
    expect(send(shelf, { type: 'reservation.make', id: 'r-2', ...place, quantity: 3, ...hold })).toBe('accepted');
    send(shelf, soldOffline(1, 4, NOON));
    expect(shelf.stock.levels).toMatchObject({ onHand: 1, reserved: 3 });
    expect(available(shelf.stock.levels)).toBe(-2);
  });
});
