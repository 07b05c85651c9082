// Properties of the stock actors over a log: duplicates (P2), fold (P1), concurrent writers (P14).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import type { StockCommand } from '../../../domain/stock/commands.ts';
import { readStockEvent } from '../../../domain/stock/events.ts';
import { evolve } from '../../../domain/stock/evolve.ts';
import { levelsAfter } from '../../../domain/stock/movement.ts';
import { emptyStock } from '../../../domain/stock/stock.ts';
import { actorsOver, command, NOON } from '../../support/actors.ts';
import { type AppendFault, faulty } from '../../support/faulty-log.ts';

const STREAM = 'stock-A~store-1';
const later = new Date(NOON + 3_600_000).toISOString();

/** A command of any kind that an actor meets daily; ids and reservations from small sets, so that they collide. */
const anyCommand: fc.Arbitrary<StockCommand> = fc
  .record({
    kind: fc.constantFrom('sale', 'receipt', 'count', 'reservation.make', 'reservation.release', 'fulfilment'),
    id: fc.integer({ min: 0, max: 30 }),
    quantity: fc.integer({ min: 1, max: 9 }),
    reservation: fc.integer({ min: 0, max: 4 }),
    minutesAgo: fc.integer({ min: 0, max: 600 }),
  })
  .map(({ kind, id, quantity, reservation, minutesAgo }) => {
    const reservationId = `r-${reservation}`;
    const common = { id: `c-${kind}-${id}`, occurredAt: new Date(NOON - minutesAgo * 60_000).toISOString() };
    switch (kind) {
      case 'count':
        return command({ type: 'count', ...common, counted: quantity });
      case 'reservation.make':
        return command({
          type: kind,
          ...common,
          quantity,
          reservationId,
          owner: 'buyer',
          channel: 'shop',
          expiresAt: later,
        });
      case 'reservation.release':
        return command({ type: kind, ...common, reservationId });
      case 'fulfilment':
        return command({ type: kind, ...common, quantity, reservationId });
      default:
        return command({ type: kind as 'sale' | 'receipt', ...common, quantity });
    }
  });
const oneOfEachId = (commands: readonly StockCommand[]) => [...new Map(commands.map((one) => [one.id, one])).values()];

async function eventsOf(log: EventLog) {
  return (await log.read(STREAM, 0, 10_000)).map(({ id, revision, data }) => ({ id, revision, data }));
}

describe('stock actors', () => {
  it('P2: commands delivered 1 to 10 times leave the events of one delivery', async () => {
    // Seen failing with duplicates not looked for, and with the actor keeping the stock from before its append.
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCommand, { maxLength: 25 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 120 }),
        fc.array(fc.boolean(), { minLength: 150, maxLength: 150 }),
        async (drawn, repeats, pauses) => {
          const once = oneOfEachId(drawn);
          const deliveries = [...once];
          // Facts alone may be repeated: a refused request is judged anew, and may then be accepted.
          const facts = once.filter((one) => !one.type.startsWith('reservation'));
          for (const [which, where] of repeats) {
            const fact = facts[which % Math.max(1, facts.length)];
            if (fact === undefined) break;
            const first = deliveries.indexOf(fact);
            deliveries.splice(first + 1 + (where % (deliveries.length - first)), 0, fact);
          }
          const [reference, log] = [createMemoryLog(), createMemoryLog()];
          for (const one of once) await actorsOver(reference).submit({ command: one, client: 'test' });
          const actors = actorsOver(log);
          const answers = [];
          for (const [n, one] of deliveries.entries()) {
            const answer = actors.submit({ command: one, client: 'test' });
            answers.push(answer);
            if (pauses[n]) await answer;
          }
          await Promise.all(answers);
          expect(await eventsOf(log)).toEqual(await eventsOf(reference));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('P1: the stock an actor judges by is the fold of its events, whatever the log does to it', async () => {
    // Seen failing with appends made at the head instead of the expected revision, after a lost append.
    const fault = fc.constantFrom<AppendFault>('none', 'none', 'conflict', 'down', 'lost', 'written');
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCommand, { maxLength: 30 }),
        fc.array(fault, { maxLength: 30 }),
        async (drawn, script) => {
          const log = faulty(createMemoryLog());
          log.script.push(...script);
          const actors = actorsOver(log, { random: () => 0, limits: { residentMax: 1 } });
          for (const one of oneOfEachId(drawn)) {
            const answer = await actors.submit({ command: one, client: 'test' });
            if (answer.outcome !== 'accepted') continue;
            const events = (await log.read(STREAM, 0, 1_000)).map((recorded) => readStockEvent(recorded));
            expect(answer.levels).toEqual(events.at(answer.revision)!.levels);
          }
          let stock = emptyStock();
          for (const recorded of await log.read(STREAM, 0, 1_000)) {
            const event = readStockEvent(recorded);
            expect(event.levels).toEqual(levelsAfter(stock, event));
            stock = evolve(stock, event);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('P14: several writers of one stream leave revisions without a gap and lose no update', async () => {
    // Seen failing with appends made at the head instead of the expected revision.
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }), {
          minLength: 2,
          maxLength: 4,
        }),
        async (scheduler, writers) => {
          const inner = createMemoryLog();
          const turn = () => scheduler.schedule(Promise.resolve());
          const log: EventLog = {
            ...inner,
            append: async (...append) => turn().then(() => inner.append(...append)),
            read: async (...read) => turn().then(() => inner.read(...read)),
          };
          const done = Promise.all(
            writers.flatMap((quantities) => {
              const actors = actorsOver(log, { random: () => 0 });
              return quantities.map((quantity) =>
                actors.submit({ command: command({ type: 'receipt', quantity }), client: 'test' }),
              );
            }),
          );
          let open = true;
          void done.finally(() => {
            open = false;
          });
          while (open) {
            if (scheduler.count() > 0) await scheduler.waitOne();
            await new Promise((resolve) => setImmediate(resolve));
          }
          const answers = await done;
          const events = await inner.read(STREAM, 0, 1_000);
          const accepted = answers.flatMap((answer) => (answer.outcome === 'accepted' ? [answer] : []));
          expect(events.map((event) => event.revision)).toEqual(events.map((_, n) => n));
          expect(new Set(accepted.map((answer) => answer.revision)).size).toBe(accepted.length);
          expect(events).toHaveLength(accepted.length);
          const received = events.reduce((sum, event) => sum + Number(event.data['quantity']), 0);
          expect(events.length === 0 ? 0 : readStockEvent(events.at(-1)!).levels.onHand).toBe(received);
        },
      ),
      { numRuns: 40 },
    );
  });
});
