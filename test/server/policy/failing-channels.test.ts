// The watch over failing channels in virtual time: with the real publisher, its breaker and its probes.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../domain/time.ts';
import { byAnna } from '../../support/policy-book.ts';
import { endWatched, policyWith, watched } from '../../support/watched-channel.ts';

afterEach(endWatched);

describe('a failing channel', () => {
  it('is given to people when policy says so, once, and the case closes when it takes values again', async () => {
    const { world, channel, cases, raised, isLowered } = await watched({
      decision: 'route',
      afterMinutes: 5,
      to: 'anna',
    });
    channel.behave = () => 'unavailable';
    await world.set('shop', 'A', 1);
    await world.time.advance(4 * MINUTE);
    expect(cases).toEqual([]);
    await world.time.advance(20 * MINUTE);
    expect(cases).toEqual(['raised channel:shop for anna']);
    expect(raised[0]).toMatchObject({ kind: 'breaker-open', subject: { channel: 'shop' } });
    expect(raised[0]!.detail).toMatch(/^shop: it has taken nothing for 5 min; 1 SKU waits to be told/);
    channel.behave = () => 'ok';
    await world.time.advance(2 * MINUTE);
    expect(cases.slice(1)).toEqual(['cleared breaker-open channel:shop']);
    expect(isLowered()).toBe(false);
  });

  it('whose case was left open by a process that ended is well when it takes values again', async () => {
    const { world, channel, cases, restart } = await watched({ decision: 'route', afterMinutes: 5 });
    channel.behave = () => 'unavailable';
    await world.set('shop', 'A', 1);
    await world.time.advance(6 * MINUTE);
    await restart();
    await world.time.advance(MINUTE);
    expect(cases).toEqual(['raised channel:shop for operations']);
    channel.behave = () => 'ok';
    await world.time.advance(MINUTE);
    expect(cases.slice(1)).toEqual(['cleared breaker-open channel:shop']);
  });

  // Seen failing (the second): with `takenMs` ignored.
  it.each([
    ['is lowered', { afterMinutes: 60, lagMinutes: 2 }, true],
    ['is not lowered', { afterMinutes: 3 }, false],
  ])('%s while it lags and takes others, if policy says %o', async (_, when, lowers) => {
    const { world, postponed, isLowered, watch } = await watched({ decision: 'lower', units: 1, ...when });
    postponed.add('A');
    await world.set('shop', 'A', 1);
    for (let n = 0; n < 20; n += 1) {
      await world.set('shop', 'B', n + 1);
      await world.time.advance(20 * SECOND);
    }
    expect(watch.whyFailing('shop')).toEqual(lowers ? expect.stringMatching(/^an update has waited for/) : undefined);
    expect(isLowered()).toBe(lowers);
    postponed.clear();
    await world.time.advance(2 * MINUTE);
    expect(isLowered()).toBe(false);
  });

  it('says that no call of ours can pass: that is failing too, and ends when it does', async () => {
    const { world, channel, isLowered } = await watched({ decision: 'lower', units: 1, afterMinutes: 5 });
    channel.behave = () => 'denied';
    await world.set('shop', 'A', 1);
    await world.time.advance(6 * MINUTE);
    expect(isLowered()).toBe(true);
    channel.behave = () => 'ok';
    await world.time.advance(2 * MINUTE);
    expect(isLowered()).toBe(false);
  });

  it('is as usual at once when its policy does not lower it any more, or it is gone', async () => {
    const { world, channel, isLowered, book } = await watched({ decision: 'lower', units: 1, afterMinutes: 5 });
    channel.behave = () => 'unavailable';
    await world.set('shop', 'A', 1);
    await world.time.advance(6 * MINUTE);
    expect(isLowered()).toBe(true);
    await book.change({ type: 'apply', ...byAnna, document: policyWith('2', { decision: 'retry' }) });
    expect(book.policy().version).toBe('2');
    await world.time.advance(10 * SECOND);
    expect(isLowered()).toBe(false);
  });

  // Seen failing: with a recovery that asks neither whether it fails still nor whether it has taken anything since.
  it('is lowered exactly in outages that are long enough, once in each, and well soon after', async () => {
    const AFTER = 3;
    const stretch = fc.record({ down: fc.integer({ min: 1, max: 12 }), up: fc.integer({ min: 2, max: 8 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(stretch, { minLength: 1, maxLength: 3 }), async (stretches) => {
        const { world, channel, isLowered, book, publishing } = await watched({
          ...{ decision: 'lower', units: 1, afterMinutes: AFTER },
        });
        let n = 0;
        const pass = async (minutes: number) => {
          for (let half = 0; half < 2 * minutes; half += 1) {
            n += 1;
            await world.set('shop', `S-${n % 3}`, n);
            await world.time.advance(MINUTE / 2);
          }
        };
        await pass(1);
        let long = 0;
        for (const { down, up } of stretches) {
          channel.behave = () => 'unavailable';
          await pass(down);
          if (down < AFTER) expect(isLowered()).toBe(false);
          if (down > AFTER + 1) expect(isLowered()).toBe(true);
          const { lowerings } = book.history();
          expect(lowerings.length - long).toBeLessThanOrEqual(1);
          long = lowerings.length;
          channel.behave = () => 'ok';
          await pass(up);
          expect(isLowered()).toBe(false);
        }
        await world.time.advance(MINUTE);
        expect(publishing.status('shop')).toMatchObject({ backlog: 0 });
        endWatched();
      }),
      { numRuns: 15 },
    );
  });
});
