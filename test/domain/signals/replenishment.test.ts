import { describe, expect, it } from 'vitest';
import { PolicyDocument } from '../../../domain/channel/policy.ts';
import { SignalsPolicy, signalTerms } from '../../../domain/signals/policy.ts';
import { signalOf } from '../../../domain/signals/replenishment.ts';
import { NO_LEVELS } from '../../../domain/stock/levels.ts';

const terms = { leadTimeDays: 5, serviceLevel: 0.95, targetCoverDays: 14 };

describe('the signal of a stock', () => {
  it('given velocity, says cover and reorder point', () => {
    const signal = signalOf({ ...NO_LEVELS, onHand: 20, reserved: 2, inTransitIn: 6 }, 2, terms);
    // qpois(0.95, 10) = 15
    expect(signal).toEqual({
      ...{ velocity: 2, available: 18, inventoryPosition: 24, daysOfCover: 9 },
      ...{ leadTimeDemand: 10, safetyUnits: 5, reorderPoint: 15, reorder: false },
    });
  });

  it.each([
    { inTransitIn: 0, reorder: true },
    { inTransitIn: 5, reorder: true },
    { inTransitIn: 6, reorder: false },
  ])('counts what is on its way: $inTransitIn on top of 10', ({ inTransitIn, reorder }) =>
    expect(signalOf({ ...NO_LEVELS, onHand: 10, inTransitIn }, 2, terms).reorder).toBe(reorder),
  );

  it('without velocity has no cover and nothing to order; oversold it covers 0 days', () => {
    expect(signalOf({ ...NO_LEVELS, onHand: 0 }, 0, terms)).toMatchObject({ daysOfCover: undefined, reorder: false });
    expect(signalOf({ ...NO_LEVELS, onHand: -3 }, 1, terms)).toMatchObject({ daysOfCover: 0, reorder: true });
  });

  it('is under terms that name known locations, each once', () => {
    const document = {
      version: '1',
      locations: [{ id: 'store-1' }],
      signals: { locations: [{ id: 'store-1' }, { id: 'nowhere' }, { id: 'store-1' }] },
    };
    const issues = PolicyDocument.safeParse(document).error!.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
    expect(issues).toEqual([
      'signals.locations.2: store-1 is defined twice',
      'signals.locations.1.id: unknown location nowhere',
    ]);
  });

  it('is under the terms of its location', () => {
    const { at } = signalTerms(
      SignalsPolicy.parse({ leadTimeDays: 3, locations: [{ id: 'store-9', serviceLevel: 0.5 }] }),
    );
    expect(at('store-9')).toEqual({ leadTimeDays: 3, serviceLevel: 0.5, targetCoverDays: 14 });
    expect(at('store-1')).toMatchObject({ leadTimeDays: 3, serviceLevel: 0.95 });
  });
});
