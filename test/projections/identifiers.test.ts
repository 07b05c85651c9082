// Names of other systems as a read model: equal to a rebuild byte by byte (P8), told to who listens, and as large as it must
// be: 40,000 SKUs in each of five systems.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../domain/event-log.ts';
import {
  type IdentifierChange,
  identifiersEventData,
  identifiersStream,
  inEvents,
} from '../../domain/identifiers/events.ts';
import { createIdentifierNames, type IdentifierNames } from '../../projections/identifiers.ts';
import type { Page } from '../../projections/projection.ts';

function eventsOf(system: string, changes: readonly IdentifierChange[], per?: number): RecordedEvent[] {
  const groups = per === undefined ? inEvents(changes) : changes.map((change) => [change]);
  return groups.map((some, revision) => ({
    ...{ id: `${system}-${revision}`, stream: identifiersStream(system), revision, position: BigInt(revision) },
    ...{ type: 'IdentifiersChanged', data: identifiersEventData(some, 1_000), metadata: { hash: `h${revision}` } },
  }));
}

function folded(events: readonly RecordedEvent[], names: IdentifierNames = createIdentifierNames()): IdentifierNames {
  for (const event of events) names.apply(event);
  return names;
}

const bytes = (pages: Iterable<Page>) =>
  Array.from(pages, ({ key, bytes }) => `${key} ${Buffer.from(bytes).toString()}`).sort();

const change: fc.Arbitrary<IdentifierChange> = fc
  .tuple(
    fc.constantFrom('map', 'alias', 'unmap'),
    fc.constantFrom('sku', 'location'),
    fc.constantFrom('A', 'B', 'C', 'D'),
    fc.nat(3),
  )
  .map(([op, what, ours, n]) => {
    const theirs = `${ours}${n}`;
    if (op === 'map')
      return n % 2 === 0 ? ([op, what, ours, theirs] as const) : ([op, what, ours, theirs, { o: theirs }] as const);
    return [op, what, ours, theirs] as IdentifierChange;
  }) as fc.Arbitrary<IdentifierChange>;

describe('names of other systems', () => {
  // Seen failing: with the time of the last event not restored, and with the pages of some names never marked as changed.
  it('equal a rebuild byte by byte after any cut, restore and redelivery (P8)', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), fc.nat(40), (changes, cut) => {
        const events = eventsOf('shop', changes, 1);
        const pages = new Map<string, Page>();
        const keep = (changed: Iterable<Page>) => {
          for (const page of changed) pages.set(page.key, page);
        };
        const first = folded(events.slice(0, cut));
        keep(first.takeChangedPages());
        const second = createIdentifierNames();
        second.restore(pages.values());
        folded(events.slice(Math.max(0, cut - 3)), second);
        keep(second.takeChangedPages());
        const whole = folded(events);
        expect(bytes(pages.values())).toEqual(bytes(whole.takeChangedPages()));
        expect(second.page('shop', undefined, 100)).toEqual(whole.page('shop', undefined, 100));
        expect(second.system('shop').recordedAt).toBe(whole.system('shop').recordedAt);
      }),
    );
  });

  it('tell who listens what means what, once folded', () => {
    const names = createIdentifierNames();
    const told: string[] = [];
    const stop = names.onMapped((system, what, ours, theirs) => {
      told.push(`${system} ${what} ${theirs} is ${ours}, found ${names.system(system).names[what].oursOf(theirs)}`);
    });
    folded(
      eventsOf('shop', [
        ['map', 'sku', 'A', '1'],
        ['unmap', 'sku', 'A', '1'],
        ['alias', 'sku', 'A', '2'],
      ]),
      names,
    );
    stop();
    expect(told).toEqual(['shop sku 1 is A, found undefined', 'shop sku 2 is A, found A']);
  });

  it('page by kind and name', () => {
    const names = folded(
      eventsOf(
        'shop',
        ['B', 'A', 'C'].map((sku) => ['map', 'sku', sku, `x${sku}`] as const),
      ),
    );
    folded(eventsOf('other', [['map', 'location', 'W', '1']]), names);
    const first = names.page('shop', undefined, 2);
    expect([first.rows.map(({ ours }) => ours), first.next]).toEqual([['A', 'B'], 'sku.B']);
    expect(names.page('shop', undefined, 2, first.next).rows.map(({ ours }) => ours)).toEqual(['C']);
    expect(names.page('other', 'location', 2)).toEqual({
      rows: [{ what: 'location', ours: 'W', id: '1', more: undefined, aliases: [] }],
      next: undefined,
    });
    expect(names.page('nowhere', undefined, 2)).toEqual({ rows: [], next: undefined });
  });

  it('hold 40,000 SKUs of five systems, and one more change costs one page', () => {
    const names = createIdentifierNames();
    const heapBefore = process.memoryUsage().heapUsed;
    for (let system = 0; system < 5; system++) {
      const changes = Array.from(
        { length: 40_000 },
        (_, n): IdentifierChange => ['map', 'sku', `SKU-${n}`, `gid-${system}-${n}`],
      );
      folded(eventsOf(`s${system}`, changes), names);
    }
    const pages = bytes(names.takeChangedPages());
    expect(pages.length).toBe(5 * (256 + 1));
    expect(names.system('s3').names.sku.oursOf('gid-3-39999')).toBe('SKU-39999');
    const revision = names.system('s3').revision + 1;
    const one = { ...eventsOf('s3', [['alias', 'sku', 'SKU-7', 'again']])[0]!, revision };
    names.apply(one);
    const startedAt = performance.now();
    expect([...names.takeChangedPages()].map(({ key }) => key.split('~').length).sort()).toEqual([1, 3]);
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect((process.memoryUsage().heapUsed - heapBefore) / 1024 / 1024).toBeLessThan(150);
  });
});
