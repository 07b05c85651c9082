// The open transfers are what the transfers themselves say, after any lives of theirs; and P8 for their pages.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { isEnded } from '../../domain/transfer/machine.ts';
import { comingBack, setAside, underWay } from '../../domain/transfer/transfer.ts';
import type { Page } from '../../projections/projection.ts';
import { createTransfers, type TransferFilter, type Transfers } from '../../projections/transfers.ts';
import { act, lived, SKUS, wanted } from '../support/transfer-arbitraries.ts';
import { FROM, TO, type TransferWorld, transferWorld } from '../support/transfer-world.ts';

const aLife = fc.tuple(wanted, fc.array(act, { maxLength: 30, size: 'max' }));

/** Their events one after another as one log has them, now of this one and now of that. */
function merged(worlds: readonly TransferWorld[], turns: readonly number[]): RecordedEvent[] {
  const left = worlds.map((world) => world.recorded());
  const events: RecordedEvent[] = [];
  for (let n = 0; left.some((one) => one.length > 0); n++) {
    const next = left.filter((one) => one.length > 0);
    const event = next[(turns[n % turns.length] ?? 0) % next.length]!.shift()!;
    events.push({ ...event, position: BigInt(n + 1) });
  }
  return events;
}

function bytes(pages: Iterable<Page>): string[] {
  return Array.from(pages, (page) => `${page.key} ${Buffer.from(page.bytes).toString()}`).sort();
}

function allPages(transfers: Transfers): string[] {
  transfers.markAllChanged();
  return bytes(transfers.takeChangedPages());
}

const pageOf = (transfers: Transfers) => transfers.page({ after: 0n, limit: 9 }).rows;

/** [set aside, under way, coming back] of both SKUs, as the transfers say. */
const told = (world: TransferWorld) =>
  SKUS.map((sku) => {
    const line = world.transfer().lines.get(sku);
    return line === undefined ? [0, 0, 0] : [setAside(line), underWay(line), comingBack(line)];
  });

describe('the open transfers', () => {
  // Seen failing: with what is owed left out of `isOpen`, lines kept when nothing is on its way, figures of new lines alone,
  // and stocks that never forget a transfer.
  it('are those of which something is expected or owed, with what is on its way at both ends', () => {
    fc.assert(
      fc.property(aLife, aLife, fc.array(fc.nat(1), { minLength: 1 }), (one, two, turns) => {
        const worlds = [lived(...one, 'T-1'), lived(...two, 'T-2')];
        const transfers = createTransfers();
        for (const event of merged(worlds, turns)) transfers.apply(event);
        const open = worlds.filter((world) => {
          const { status, owed } = world.transfer();
          return !isEnded(status) || owed.length > 0;
        });
        expect(Array.from(transfers.all(), ({ id }) => id).sort()).toEqual(open.map((world) => world.transfer().id));
        for (const world of open) {
          const { id, status, stuck, openedAt } = world.transfer();
          const row = [...transfers.all()].find((one) => one.id === id);
          expect(row).toMatchObject({
            from: FROM,
            to: TO,
            status,
            stuck,
            openedAt,
            owed: world.transfer().owed.length,
          });
          expect(SKUS.map((sku) => row?.lines.get(sku) ?? [0, 0, 0])).toEqual(told(world));
          for (const figures of row?.lines.values() ?? []) expect(figures.some((n) => n > 0)).toBe(true);
        }
        for (const [n, sku] of SKUS.entries()) {
          const figures = new Map(open.map((world) => [world.transfer().id, told(world)[n]!]));
          const atOrigin = [...figures]
            .map(([transfer, [setAside, out, back]]) => ({ transfer, in: back!, out: out!, setAside: setAside! }))
            .filter((units) => units.in + units.out + units.setAside > 0);
          const byId = (a: { transfer: string }, b: { transfer: string }) => (a.transfer < b.transfer ? -1 : 1);
          const seen = transfers.atStock(sku, FROM, 9).toSorted(byId);
          expect(seen).toEqual(atOrigin.map((units) => ({ ...units, from: FROM, to: TO })));
          const coming = transfers.atStock(sku, TO, 9).toSorted(byId);
          expect(coming.map((units) => [units.transfer, units.in])).toEqual(
            atOrigin.filter(({ out }) => out > 0).map(({ transfer, out }) => [transfer, out]),
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  // Seen failing: rows taken up unsorted, stocks not taken up, `seen` not looked at, and `seen` not stored.
  it('are the same bytes, and are asked the same, however often they were stored and taken up again (P8)', () => {
    fc.assert(
      fc.property(
        aLife,
        aLife,
        fc.array(fc.nat(1), { minLength: 1 }),
        fc.array(fc.nat(60), { maxLength: 3 }),
        fc.nat(5),
        (first, second, turns, cuts, back) => {
          const events = merged([lived(...first, 'T-1'), lived(...second, 'T-2')], turns);
          const plain = createTransfers();
          for (const event of events) plain.apply(event);
          let stored = new Map<string, Page>();
          let transfers = createTransfers();
          for (const [n, event] of events.entries()) {
            transfers.apply(event);
            if (!cuts.includes(n)) continue;
            for (const page of transfers.takeChangedPages()) stored = new Map(stored).set(page.key, page);
            transfers = createTransfers();
            transfers.restore(stored.values());
            // What was delivered before comes again.
            for (const again of events.slice(Math.max(0, n + 1 - back), n + 1)) transfers.apply(again);
          }
          expect(allPages(transfers)).toEqual(allPages(plain));
          const one = events[back % events.length];
          transfers.markAllChanged();
          const restored = createTransfers();
          restored.restore([...transfers.takeChangedPages()]);
          if (one !== undefined) restored.apply(one);
          expect([...restored.takeChangedPages()]).toEqual([]);
          expect(pageOf(transfers)).toEqual(pageOf(plain));
          for (const sku of SKUS) expect(transfers.atStock(sku, FROM, 9)).toEqual(plain.atStock(sku, FROM, 9));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are listed in the order in which they became open, from any place', () => {
    const worlds = ['T-2', 'T-1', 'T-3'].map((id) => transferWorld({}, undefined, id));
    for (const world of worlds) world.open({ A: 1 });
    const transfers = createTransfers();
    for (const event of merged(worlds, [0])) transfers.apply(event);
    const page = (filter: Partial<TransferFilter>) => {
      const { rows, next } = transfers.page({ after: 0n, limit: 9, ...filter });
      return [rows.map(({ id }) => id), next];
    };
    expect(page({})).toEqual([['T-2', 'T-1', 'T-3'], undefined]);
    expect(page({ limit: 2 })).toEqual([['T-2', 'T-1'], 2n]);
    expect(page({ after: 2n })).toEqual([['T-3'], undefined]);
    expect(page({ location: TO, status: 'requesting', stuck: false })).toEqual([['T-2', 'T-1', 'T-3'], undefined]);
    for (const nothing of [{ location: 'moon' }, { status: 'underway' }, { stuck: true }] as const)
      expect(page(nothing)).toEqual([[], undefined]);
    expect(transfers.page({ after: 0n, limit: 9 }, ({ id }) => id === 'T-1').rows).toHaveLength(1);
    expect(transfers.size).toBe(3);
  });
});
