// Pace: what each reply does to the next call. Token bucket, pauses, retry budget and breaker together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../adapters/channels/channel.ts';
import { askedMs, BACKOFF_MS_MAX, backoffMs } from '../../../adapters/publishing/backoff.ts';
import { createPace } from '../../../adapters/publishing/pace.ts';
import { createProbes } from '../../../adapters/publishing/probes.ts';
import { createTokenBucket } from '../../../adapters/publishing/token-bucket.ts';

const unknown: Reply = { kind: 'unknown', reason: 'reset' };
const answered: Reply = { kind: 'answered', outcomes: new Map() };
const half = () => 0.5;

describe('backoff', () => {
  it('is full jitter between 0 and 2^n × base, never above 20 s', () => {
    expect(backoffMs(1, 100, () => 0)).toBe(0);
    expect(backoffMs(1, 100, () => 0.999)).toBe(200);
    expect(backoffMs(3, 100, half)).toBe(400);
    expect(backoffMs(60, 500, half)).toBe(BACKOFF_MS_MAX);
  });

  it.each([
    [undefined, undefined],
    [Number.NaN, undefined],
    [-1, 0],
    [1_500.2, 1_501],
    [Number.POSITIVE_INFINITY, 300_000],
    [1e300, 300_000],
  ])('takes %s as %s', (asked, expected) => {
    expect(askedMs(asked)).toBe(expected);
  });
});

describe('token bucket', () => {
  it('halves its rate when refused, never below a 64th, and comes back slowly', () => {
    const bucket = createTokenBucket(10, 5, 0);
    bucket.throttled(1_000);
    expect(bucket.rate(1_000)).toBe(5);
    expect(bucket.slowed(1_000)).toBe(true);
    expect(bucket.rate(31_000)).toBeCloseTo(5.5);
    expect(bucket.rate(301_000)).toBeCloseTo(10);
    expect(bucket.slowed(301_000)).toBe(false);
    for (let n = 0; n < 50; n += 1) bucket.throttled(400_000);
    expect(bucket.rate(400_000)).toBeCloseTo(10 / 64);
  });

  it('keeps to a limit that the channel states below the allowed one', () => {
    const bucket = createTokenBucket(10, 5, 0);
    bucket.limit(2, 0);
    expect(bucket.rate(10_000)).toBe(2);
    bucket.limit(100, 10_000);
    expect(bucket.rate(10_000)).toBe(2);
    expect(bucket.rate(1_000_000)).toBe(10);
  });

  // Seen failing without the least rate: nothing is told for 30 years.
  it('makes a call in five minutes however little a channel states', () => {
    const bucket = createTokenBucket(10, 5, 0);
    bucket.limit(1e-9, 0);
    expect(bucket.waitMs(0)).toBe(300_000);
    // A policy that is slower than that holds.
    const slow = createTokenBucket(0.001, 1, 0);
    slow.limit(1e-9, 0);
    expect(slow.rate(0)).toBe(0.001);
  });
});

describe('pace', () => {
  const aPace = (random = half) => createPace({ ratePerSecond: 1_000, burst: 1_000 }, random, 0);

  it('opens after five failures in a row and closes with the first answer', () => {
    const pace = aPace();
    for (let n = 1; n <= 5; n += 1) {
      expect(pace.state(1_000)).toBe('running');
      pace.settled(unknown, 0, 1_000);
    }
    expect(pace.state(1_000)).toBe('open');
    expect(pace.waitMs(1_000)).toBeGreaterThanOrEqual(30_000);
    pace.started(40_000);
    expect(pace.waitMs(40_000)).toBeGreaterThanOrEqual(30_000);
    pace.settled(answered, 40_000, 41_000);
    expect(pace.state(41_000)).toBe('running');
    expect(pace.waitMs(41_000)).toBe(0);
  });

  it('waits the longest time once its retry budget is spent', () => {
    const pace = aPace(() => 0);
    for (let n = 0; n < 10; n += 1) {
      pace.settled(unknown, 0, 1_000);
      pace.settled(answered, 0, 1_000);
    }
    expect(pace.waitMs(1_000)).toBe(0);
    for (let n = 0; n < 3; n += 1) pace.settled(unknown, 0, 1_000);
    expect(pace.waitMs(1_000)).toBe(BACKOFF_MS_MAX);
  });

  it('takes refusals of calls that were under way together as one sign', () => {
    const pace = createPace({ ratePerSecond: 8, burst: 8 }, half, 0);
    for (let n = 0; n < 4; n += 1) pace.settled({ kind: 'throttled', afterMs: 0 }, 900, 1_000 + n);
    // At half the rate a token takes a quarter of a second.
    expect(pace.waitMs(1_003)).toBeLessThanOrEqual(250);
    expect(pace.state(1_003)).toBe('throttled');
  });

  it('is failed at once when it is denied, or when everything is refused', () => {
    const denied = aPace();
    denied.settled({ kind: 'denied', reason: '401' }, 0, 1);
    expect(denied.state(1)).toBe('failed');
    const refused = aPace();
    for (let n = 0; n < 19; n += 1) refused.settled({ kind: 'batchRefused', reason: '400' }, 0, 1);
    expect(refused.state(1)).toBe('running');
    refused.settled({ kind: 'batchRefused', reason: '400' }, 0, 1);
    expect(refused.state(1)).toBe('failed');
  });

  // Seen failing with the limit of an answer left out.
  it('learns the rate that a channel states with an answer or a refusal, and never goes above its own', () => {
    const pace = createPace({ ratePerSecond: 8, burst: 8 }, half, 0);
    pace.settled({ ...answered, limit: { ratePerSecond: 3 } }, 0, 1);
    expect(pace.rates(1)).toEqual({ ratePerSecond: 3, ratePerSecondMax: 8 });
    expect(pace.state(1)).toBe('throttled');
    pace.settled({ kind: 'throttled', afterMs: 0, limit: { ratePerSecond: 2 } }, 1, 2);
    expect(pace.rates(2).ratePerSecond).toBe(1);
    pace.settled({ ...answered, limit: { ratePerSecond: 100 } }, 2, 3);
    expect(pace.rates(1_000_000)).toEqual({ ratePerSecond: 8, ratePerSecondMax: 8 });
  });

  // Seen failing with a refused batch that leaves the breaker open: it is an answer.
  it('takes a batch that is refused as a whole for a sign of life', () => {
    const pace = aPace();
    for (let n = 0; n < 5; n += 1) pace.settled(unknown, 0, 1_000);
    pace.settled({ kind: 'batchRefused', reason: '400' }, 40_000, 41_000);
    expect(pace.state(41_000)).toBe('running');
  });

  // Seen failing with probes of each way's own, and with turns by who asks first: one of them is never probed.
  it('probes a channel once in 30 s at most over all its ways in, each in its turn', () => {
    const moves = fc.array(fc.tuple(fc.nat(3_000), fc.shuffledSubarray([0, 1, 2])), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 3 }), (script, ways) => {
        const probes = createProbes();
        const paces = Array.from({ length: ways }, () => {
          const pace = createPace({ ratePerSecond: 1_000, burst: 1_000 }, half, 0, probes);
          for (let n = 0; n < 5; n += 1) pace.settled(unknown, 0, 0);
          return pace;
        });
        const probed: number[] = [];
        let now = 1_000;
        for (const [gap, asking] of script) {
          now += gap;
          for (const way of asking) {
            if (way >= ways || paces[way]!.waitMs(now) > 0) continue;
            paces[way]!.started(now);
            paces[way]!.settled(unknown, now, now);
            probed.push(now);
          }
        }
        for (let n = 1; n < probed.length; n += 1) expect(probed[n]! - probed[n - 1]!).toBeGreaterThanOrEqual(30_000);
      }),
      { numRuns: 50 },
    );
  });

  it('gives each way that asks all the time its turn, and one that asks alone every one', () => {
    const probes = createProbes();
    const paces = [0, 1, 2].map(() => {
      const pace = createPace({ ratePerSecond: 1_000, burst: 1_000 }, half, 0, probes);
      for (let n = 0; n < 5; n += 1) pace.settled(unknown, 0, 0);
      return pace;
    });
    const turns = [0, 0, 0];
    const ask = (from: number, to: number, asking: readonly number[]) => {
      for (let now = from; now < to; now += 100) {
        for (const way of asking) {
          if (paces[way]!.waitMs(now) > 0) continue;
          paces[way]!.started(now);
          paces[way]!.settled(unknown, now, now);
          turns[way]! += 1;
        }
      }
    };
    ask(1_000, 3_600_000, [0, 1, 2]);
    for (const turn of turns) expect(turn).toBeGreaterThanOrEqual(38);
    turns.fill(0);
    ask(3_600_000, 7_200_000, [0]);
    expect(turns[0]).toBeGreaterThanOrEqual(100);
    paces[0]!.settled(answered, 7_200_000, 7_200_001);
    expect([paces[0]!.state(7_200_001), paces[1]!.state(7_200_001)]).toEqual(['running', 'open']);
  });
});
