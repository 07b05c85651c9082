// No half bundle: whatever is sold, reserved, repeated, and whenever a process ends, once all is quiet every command for a
// bundle has moved all of its components, each once, or none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Handling, Told } from '../../../domain/bundle/handling.ts';
import { StockCommand } from '../../../domain/stock/commands.ts';
import { promised } from '../../../domain/stock/verdict.ts';
import type { StockActors } from '../../../server/actors/answer.ts';
import { NOON } from '../../support/actors.ts';
import {
  BUNDLES,
  type BundleProcess,
  createBundleWorld,
  dueExpiries,
  foldAll,
  type ProcessFaults,
} from '../../support/bundle-world.ts';

const HOUR = 3_600_000;
const text = (at: number) => new Date(at).toISOString();
const bundle = fc.constantFrom('KIT', 'KIT', 'BOX');
const quantity = fc.integer({ min: 1, max: 3 });
const reservationId = fc.constantFrom('r1', 'r2', 'r3');
const hold = { sku: bundle, reservationId };
const of = (type: string, shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record({ type: fc.constant(type), ...shape }) as fc.Arbitrary<Record<string, unknown>>;
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const made = { owner: fc.constant('buyer'), channel: fc.constant('shop'), expiresAt: fc.constant(text(NOON + HOUR)) };
const component = fc.constantFrom('A', 'B', 'C');

const aCommand = fc.oneof(
  { weight: 4, arbitrary: of('sale', { sku: bundle, quantity, reservationId: maybe(reservationId) }) },
  { weight: 1, arbitrary: of('return', { sku: bundle, quantity, disposition: fc.constant('restock') }) },
  { weight: 6, arbitrary: of('reservation.make', { ...hold, quantity, ...made }) },
  { weight: 2, arbitrary: of('reservation.commit', { ...hold, quantity: maybe(quantity) }) },
  { weight: 2, arbitrary: of('reservation.release', { ...hold, quantity: maybe(quantity) }) },
  { weight: 1, arbitrary: of('reservation.renew', { ...hold, expiresAt: fc.constant(text(NOON + 2 * HOUR)) }) },
  { weight: 2, arbitrary: of('fulfilment', { ...hold, quantity }) },
  { weight: 2, arbitrary: of('sale', { sku: component, quantity }) },
  { weight: 1, arbitrary: of('reservation.make', { sku: component, reservationId, quantity, ...made }) },
);

const commands = fc.array(aCommand, { minLength: 1, maxLength: 14, size: 'max' }).map((drawn) =>
  drawn.map((fields, n) => {
    const said = JSON.parse(JSON.stringify(fields)) as object;
    return StockCommand.parse({ id: `c${n}`, location: 'store-1', occurredAt: text(NOON - 60_000), ...said });
  }),
);
const faults: fc.Arbitrary<ProcessFaults> = fc.record({
  endsAt: fc.integer({ min: 1, max: 25 }),
  isWritten: fc.boolean(),
  deafTo: fc.constantFrom(2, 3, 5, 1_000),
});
/** One after another with faults, or two at once without: two at once that fail may leave a hold until it expires (docs). */
const generations = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: faults.map((one) => [one]) },
    { weight: 1, arbitrary: fc.constant<ProcessFaults[]>([{}, {}]) },
  ),
  { maxLength: 3 },
);

const receipts = ['A', 'B', 'C', 'D'].map((sku) =>
  StockCommand.parse({
    ...{ type: 'receipt', id: `receipt-${sku}`, sku, location: 'store-1', quantity: 8, occurredAt: text(NOON - HOUR) },
  }),
);

/** Sends all that has no answer yet, in groups, each command as often as said, until the process ends. */
async function send(process: BundleProcess, all: StockCommand[], repeats: number, answered: Set<string>) {
  for (let from = 0; from < all.length; from += 4) {
    const group = all.slice(from, from + 4).filter(({ id }) => !answered.has(id));
    const sent = group.map((command) => sendOne(process.stocks, command, repeats, answered));
    await Promise.race([Promise.all(sent), process.died]);
    if (process.isDead()) return;
  }
}

async function sendOne(stocks: StockActors, command: StockCommand, repeats: number, answered: Set<string>) {
  const answers = await Promise.all(Array.from({ length: repeats }, () => stocks.submit({ command, client: 'test' })));
  if (answers.some(({ outcome }) => outcome !== 'failed')) answered.add(command.id);
}

function check(events: Parameters<typeof foldAll>[0]) {
  const { stocks, handlings, open } = foldAll(events);
  expect(open).toBe(0);
  for (const handling of handlings.values()) {
    expect(handling.pending).toEqual([]);
    for (const [commandId, told] of handling.told) checkOne(handling, commandId, told, stocks);
    checkHold(handling, stocks);
  }
}

type Stocks = ReturnType<typeof foldAll>['stocks'];
const eventsOf = (stocks: Stocks, sku: string, commandId: string) =>
  (stocks.get(sku)?.events ?? []).filter((event) => event.commandId === commandId);

/** Every component moved once, or every one that did was given back. */
function checkOne({ sku }: Handling, commandId: string, told: Told, stocks: Stocks) {
  const id = `bundle ${sku} ${commandId}`;
  const moved = told.components.map((part) => eventsOf(stocks, part.sku, id).length);
  if (told.refusal === undefined) expect(moved).toEqual(told.components.map(() => 1));
  else {
    const back = told.components.map((part) => eventsOf(stocks, part.sku, `${id} back`).length);
    expect(back).toEqual(moved);
    expect(moved.every((count) => count <= 1)).toBe(true);
  }
}

/** Every component has as many units promised as the bundle's reservation calls for. */
function checkHold({ id, sku, hold: of }: Handling, stocks: Stocks) {
  const [, , kind, reservation] = id.split('~');
  if (kind !== 'r') return;
  for (const part of BUNDLES.find((one) => one.sku === sku)!.components) {
    const kept = stocks.get(part.sku)?.stock.reservations.get(`bundle ${sku} ${reservation}`);
    const bundles = of === undefined ? 0 : of.held + of.committed;
    expect(kept === undefined ? 0 : promised(kept)).toBe(bundles * part.quantity);
    expect(kept?.held ?? 0).toBe((of?.held ?? 0) * part.quantity);
  }
}

describe('bundles', () => {
  // Seen failing: nothing given back when one refuses, nothing gone on with after a start, a component's hold that expires
  // alone, a sale that leaves the bundle's own hold as it was, ids that are not of the command; and, within 1,500 runs,
  // two processes that were told otherwise by one component: the second answer not recorded, or not given back.
  it('move all of their components, each once, or none; also when repeated, and whenever a process ends', async () => {
    await fc.assert(
      fc.asyncProperty(commands, generations, fc.constantFrom(1, 1, 2, 10), async (all, lives, repeats) => {
        const world = createBundleWorld(NOON);
        const answered = new Set<string>();
        const first = world.start();
        await send(first, receipts, 1, answered);
        await first.close();
        for (const faults of lives) {
          const together = faults.map((one) => world.start(one));
          await Promise.all(
            together.map((process) =>
              Promise.race([process.died, Promise.all([process.resume(), send(process, all, repeats, answered)])]),
            ),
          );
          await Promise.all(together.map((process) => Promise.race([process.died, process.close()])));
        }
        const last = world.start();
        await last.resume();
        await send(last, all, 1, answered);
        check(await world.events());
        // What was refused without a trace may be judged anew; nothing that was taken is taken again.
        await send(last, all, repeats, new Set());
        check(await world.events());
        world.now = NOON + 3 * HOUR;
        const due = dueExpiries(foldAll(await world.events()).stocks, world.now);
        await Promise.all(due.map((command) => last.stocks.submit({ command, client: 'evenstock' })));
        check(await world.events());
        expect(dueExpiries(foldAll(await world.events()).stocks, world.now)).toEqual([]);
        await last.close();
      }),
      { numRuns: Number(process.env['BUNDLE_RUNS'] ?? 150) },
    );
  }, 300_000);
});
