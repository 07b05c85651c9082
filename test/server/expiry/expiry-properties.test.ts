// Every hold ends: as expired at or after its time (by the time that really is) and within a second of the moment at
// which nothing stands in the way, unless it was used up before; and never before, whatever the wall clock shows.
// Also at a size at which a search through the open holds would show.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../domain/time.ts';
import { submit } from '../../support/actors.ts';
import { aNode, aWorld, type Node, type World } from './node.ts';

type Step = readonly [waitMs: number, what: string, reservation: number, minutes: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.integer({ min: 1, max: 90_000 }),
  fc.constantFrom('make', 'make', 'make', 'renew', 'commit', 'release', 'sale', 'restart'),
  fc.nat(9),
  fc.integer({ min: 1, max: 12 }),
);
/** The wall clock jumps and is put right less than ten minutes later. */
const jump = fc.tuple(fc.nat(25), fc.constantFrom(DAY, HOUR, 3 * SECOND, -HOUR, -3 * SECOND));

async function play(world: World, node: Node, [, what, reservation, minutes]: Step): Promise<void> {
  const reservationId = `r${reservation}`;
  const expiresAt = new Date(world.time.clock.now() + minutes * MINUTE).toISOString();
  const occurredAt = new Date(world.wall()).toISOString();
  const common = { reservationId, sku: reservation < 5 ? 'A' : 'B' };
  switch (what) {
    case 'make':
      await submit(node.actors, {
        ...common,
        type: 'reservation.make',
        quantity: 2,
        owner: 'o',
        channel: 'web',
        expiresAt,
      });
      return;
    case 'renew':
      await submit(node.actors, { ...common, type: 'reservation.renew', expiresAt });
      return;
    case 'commit':
      await submit(node.actors, { ...common, type: 'reservation.commit', quantity: 1 });
      return;
    case 'release':
      await submit(node.actors, { ...common, type: 'reservation.release' });
      return;
    case 'sale':
      await submit(node.actors, { ...common, type: 'sale', quantity: 1, occurredAt });
      return;
    default:
      // A process that starts has nothing to compare its wall clock with.
      if (world.wallOffMs === 0) await node.restart();
  }
}

describe('every hold', () => {
  it('expires at or after its time or was used up before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 40 }),
        fc.array(jump, { maxLength: 3 }),
        async (steps, jumps) => {
          const world = aWorld();
          const node = aNode(world);
          await Promise.all(['A', 'B'].map((sku) => submit(node.actors, { type: 'receipt', quantity: 1_000, sku })));
          let putRightAt = 0;
          for (const [n, one] of steps.entries()) {
            await world.time.advance(one[0]);
            if (world.wallOffMs !== 0 && n >= putRightAt) world.wallOffMs = 0;
            const off = jumps.find(([at]) => at === n)?.[1];
            if (off !== undefined && world.wallOffMs === 0) {
              world.wallOffMs = off;
              putRightAt = n + 4;
            }
            await play(world, node, one);
          }
          world.wallOffMs = 0;
          await world.time.advance(2 * HOUR);
          expect(node.holds().size).toBe(0);
          for (const { command, at, answer } of node.sent) {
            if (answer?.outcome !== 'accepted') continue;
            expect(at).toBeGreaterThanOrEqual(Number(command.id.split(' ')[2]));
          }
          await node.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('of 100,000 does, within a second of virtual time, 10,000 of them in one second', async () => {
    const world = aWorld();
    const node = aNode(world);
    const skus = Array.from({ length: 1_000 }, (_, n) => `S${n}`);
    const start = world.wall();
    const occurredAt = new Date(start).toISOString();
    await Promise.all(skus.map((sku) => submit(node.actors, { type: 'receipt', quantity: 1_000, sku, occurredAt })));
    const expiresAt = (n: number) => start + (n < 10_000 ? HOUR + (n % 1_000) : 2 * HOUR + (n - 10_000) * 20);
    for (let from = 0; from < 100_000; from += 10_000) {
      const make = (n: number) =>
        submit(node.actors, {
          type: 'reservation.make',
          reservationId: `r${n}`,
          sku: skus[n % 1_000]!,
          quantity: 1,
          owner: 'o',
          channel: 'web',
          expiresAt: new Date(expiresAt(n)).toISOString(),
        });
      await Promise.all(Array.from({ length: 10_000 }, (_, n) => make(from + n)));
    }
    await expect.poll(() => node.holds().size, { timeout: 30_000 }).toBe(100_000);
    await world.time.advance(HOUR - 1);
    expect(node.sent.length).toBe(0);
    await world.time.advance(SECOND);
    await expect.poll(() => node.holds().size).toBe(90_000);
    await world.time.advance(HOUR);
    const [before, open] = [node.sent.length, node.holds().size];
    await world.time.advance(201 * SECOND);
    const late = node.sent.slice(before).map(({ command, at }) => at - Number(command.id.split(' ')[2]));
    expect(late.length).toBe(50 * 201);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(SECOND);
    expect(node.expiry.status()).toMatchObject({ overdue: 0, inVain: {}, openHolds: open - late.length });
    await node.close();
  }, 60_000);
});
