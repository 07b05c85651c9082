// What-if by example and property: the same policy makes no difference, a worse one is seen to be worse, and what does not
// happen takes what follows from it along.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../../domain/event-log.ts';
import { MINUTE } from '../../../domain/time.ts';
import { type Count, type Outcome, totalOf } from '../../../projections/what-if/outcome.ts';
import { replayWhatIf, type WhatIf, WhatIfError } from '../../../projections/what-if/what-if.ts';
import { laggingMarket, marketPolicy } from '../../support/lagging-market.ts';
import { aPolicy, arbitraryCommands, historyOf, LOCATIONS, recorded } from '../../support/stock-history.ts';

const SETTINGS = { to: Number.POSITIVE_INFINITY, samples: 5, lagMsAssumed: 0, asHappened: new Set<string>() };

function replay(events: readonly RecordedEvent[], whatIf: Partial<WhatIf> & Pick<WhatIf, 'other'>) {
  async function* pages() {
    yield events.slice(0, 3);
    yield events.slice(3);
  }
  return replayWhatIf(pages(), { ...SETTINGS, ...whatIf });
}

const units = (outcome: Outcome, count: Count) => totalOf(outcome.sellers)[count].units;
const policy = (channel: object, document: Partial<PolicyDocumentJson> = {}) =>
  aPolicy({ channels: [{ id: 'webshop', locations: ['store-1'], ...channel }], ...document });

/** Events of one stock: each row is its type, what it adds to on-hand and to reserved, and more. */
function story(
  ...rows: readonly (readonly [type: string, onHand: number, reserved: number, more?: object])[]
): RecordedEvent[] {
  const levels = { onHand: 0, reserved: 0, quarantined: 0, inTransitIn: 0, inTransitOut: 0 };
  return rows.map(([type, onHand, reserved, more], n) => {
    levels.onHand += onHand;
    levels.reserved += reserved;
    const at = (n + 1) * MINUTE;
    const quantity = Math.abs(onHand) || Math.abs(reserved);
    const data = {
      v: 1,
      commandId: `c${n}`,
      source: 's',
      occurredAt: at,
      recordedAt: at,
      levels: { ...levels },
      quantity,
      ...more,
    };
    const place = { stream: 'stock-A~store-1', revision: n, position: BigInt(n) };
    return { id: `e${n}`, type, data, metadata: {}, ...place };
  });
}

const made = (reservationId: string) => ({ reservationId, channel: 'webshop', owner: 'o', expiresAt: 1e12 });
const web = { channel: 'webshop' };

describe('what-if', () => {
  it('under the same policy finds no difference, whatever happened', async () => {
    const anyPolicy = fc.record({
      buffer: fc.integer({ min: 0, max: 5 }),
      percentage: fc.constantFrom(50, 100),
      lag: fc.constantFrom(0, 5 * MINUTE),
    });
    await fc.assert(
      fc.asyncProperty(
        arbitraryCommands({ minLength: 5, maxLength: 80 }),
        anyPolicy,
        async (commands, { lag, ...terms }) => {
          const channels = ['webshop', 'marketplace'].map((id) => ({ id, locations: [...LOCATIONS], ...terms }));
          const same = aPolicy({ channels, safetyStock: [{ sku: 'A', units: 2 }] });
          const events = recorded(historyOf(commands));
          if (events.length < 2) return;
          const { inForce, other } = await replay(events, { inForce: same, other: same, lagMsAssumed: lag });
          expect(other).toEqual(inForce);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('with all sales taken as they happened comes to what the log says', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCommands({ minLength: 5, maxLength: 80 }), async (commands) => {
        const events = recorded(historyOf(commands));
        if (events.length === 0) return;
        const asHappened = new Set(['webshop', 'marketplace', 'till']);
        const { recorded: log, other } = await replay(events, { inForce: policy({}), other: policy({}), asHappened });
        expect(units(other, 'oversold')).toBe(log.oversold.units);
        expect(units(other, 'notShown') + units(other, 'refused')).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('shows that no buffer and a larger percentage oversell more', async () => {
    const world = laggingMarket({ seed: 5, skus: 60, days: 2, lagsMs: [5 * MINUTE, 30 * MINUTE] });
    const inForce = aPolicy(marketPolicy('careful', { buffer: 3, percentage: 50 }) as PolicyDocumentJson);
    const worse = aPolicy(marketPolicy('careless') as PolicyDocumentJson);
    const compared = await replay(world.events, { from: world.from, inForce, other: worse });
    expect(units(compared.other, 'oversold')).toBe(world.oversoldUnits);
    expect(units(compared.inForce, 'oversold')).toBeLessThan(world.oversoldUnits / 2);
    expect(units(compared.inForce, 'notShown')).toBeGreaterThan(units(compared.other, 'notShown'));
    expect(await replay(world.events, { from: world.from, inForce, other: worse })).toEqual(compared);
  }, 60_000);

  it('given an order that is not shown, then its units are there for the next', async () => {
    const events = story(
      ['UnitsReceived', 3, 0],
      ['UnitsSold', -2, 0, web],
      ['UnitsSold', -1, 0, web],
      ['UnitsSold', -1, 0],
    );
    const {
      recorded: log,
      inForce,
      other,
    } = await replay(events, { inForce: policy({}), other: policy({ buffer: 2 }) });
    expect(log.oversold).toEqual({ events: 1, units: 1 });
    expect(units(inForce, 'oversold')).toBe(1);
    expect(Object.fromEntries(other.sellers)).toMatchObject({
      '': { demand: { units: 1 }, oversold: { units: 0 } },
      webshop: {
        demand: { events: 2, units: 3 },
        notShown: { events: 1, units: 2 },
        heldBack: { events: 1, units: 2 },
        oversold: { units: 0 },
      },
    });
  });

  // Seen failing: refused reservations not remembered (the release freed units); `reserved` not moved apart.
  it('given a reservation that the stock refuses, then it holds nothing, and its release frees nothing', async () => {
    const events = story(
      ['UnitsReceived', 4, 0],
      ['ReservationMade', 0, 3, made('r1')],
      ['UnitsSold', -2, 0],
      ['ReservationReleased', 0, -3, made('r1')],
      ['UnitsSold', -1, 0],
      ['UnitsSold', -2, 0],
    );
    // Two of four units are for another channel, which shows none: the figure allows 3 by its percentage of another location.
    const other = aPolicy({
      channels: [
        { id: 'webshop', locations: ['store-1', 'store-2'] },
        { id: 'other', locations: ['store-1'], quotas: [{ sku: 'A', location: 'store-1', units: 2 }] },
      ],
    });
    const far = { ...events[0]!, id: 'far', stream: 'stock-A~store-2', position: -1n };
    const compared = await replay([far, ...events], { inForce: policy({}), other });
    expect(compared.other.sellers.get('webshop')).toMatchObject({
      demand: { events: 1 },
      refused: { events: 1, units: 3 },
    });
    expect(units(compared.inForce, 'oversold')).toBe(2);
    expect(units(compared.other, 'oversold')).toBe(1);
  });

  it('given a count that made up for an oversell, then it brings no units where nothing was oversold', async () => {
    const events = story(
      ['UnitsReceived', 1, 0],
      ['UnitsSold', -1, 0],
      ['UnitsSold', -2, 0, web], // not shown under the other policy: oversold by 2 in the log
      ['StockCounted', 2, 0, { counted: 0 }],
      ['UnitsSold', -1, 0],
    );
    const { recorded: log, other } = await replay(events, { inForce: policy({}), other: policy({}) });
    expect(log.oversold.units).toBe(3);
    expect(other.sellers.get('')).toMatchObject({ oversold: { units: 1 } });
    expect(other.sellers.get('webshop')).toMatchObject({ notShown: { units: 2 } });
  });

  it('counts the time in which nothing was shown, at the rate at which the channel sold', async () => {
    const sales = Array.from({ length: 20 }, () => ['UnitsSold', -1, 0, web] as const);
    const events = story(['UnitsReceived', 20, 0], ...sales, ['StockFrozen', 0, 0, { life: 'frozen', reason: 'x' }]);
    const last = events.at(-1)!;
    const end = { ...last, data: { ...last.data, recordedAt: 21 * MINUTE + 7 * 24 * 60 * MINUTE } };
    const { inForce } = await replay([...events.slice(0, -1), end], { inForce: policy({}), other: policy({}) });
    // 20 units at once, at a half-life of a week: ln 2 × 20 a week, and a week of nothing.
    expect(inForce.channels.get('webshop')!.unseenUnits).toBeCloseTo(20 * Math.LN2, 1);
  });

  it('looks at a window, and keeps to the policy history of the log', async () => {
    const events = story(
      ['UnitsReceived', 9, 0],
      ['UnitsSold', -1, 0, web],
      ['UnitsSold', -1, 0, web],
      ['UnitsSold', -1, 0, web],
    );
    const adopted = (version: string, at: number, buffer: number, revision: number): RecordedEvent => {
      const document = JSON.parse(JSON.stringify(policy({ buffer }, { version }).document));
      const data = { v: 1, version, recordedAt: at, document };
      return {
        id: version,
        type: 'PolicyAdopted',
        data,
        metadata: {},
        stream: 'policy',
        revision,
        position: BigInt(-9 + revision),
      };
    };
    const [first, second] = [adopted('one', 1, 0, 0), adopted('two', 3 * MINUTE - 1, 9, 1)];
    const log = [first, ...events.slice(0, 2), second, ...events.slice(2)];
    const compared = await replay(log, { from: 2 * MINUTE, to: 4 * MINUTE, other: policy({}) });
    expect(compared.inForce.policyVersions).toEqual(['one', 'two']);
    expect(compared.inForce.sellers.get('webshop')).toMatchObject({ demand: { events: 2 }, notShown: { events: 1 } });
    expect(compared.other.sellers.get('webshop')).toMatchObject({ demand: { events: 2 }, notShown: { events: 0 } });
    expect(compared.events).toBe(3);
  });

  it('says what it cannot replay', async () => {
    const events = story(['UnitsReceived', 9, 0], ['UnitsSold', -1, 0, web]);
    await expect(replay(events, { other: policy({}) })).rejects.toThrow(WhatIfError);
    await expect(replay(events, { other: policy({}) })).rejects.toThrow('--in-force');
    const late = { other: policy({}), inForce: policy({}), from: 1e9 };
    await expect(replay(events, late)).rejects.toThrow('no events in this window');
  });
});
