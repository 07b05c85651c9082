// The checklist before a channel goes live: each check alone against facts that are otherwise good.
import { describe, expect, it } from 'vitest';
import { type GoLiveFacts, goLiveChecks } from '../../../domain/reconciliation/go-live.ts';
import { DAY, HOUR } from '../../../domain/time.ts';

const NOW = 10 * DAY;
const compared = {
  ...{ run: 'r1', at: NOW - HOUR, isComplete: true, badLines: 0, skus: 1_000 },
  ...{ mismatches: 5, mismatchedUnits: 9, unmapped: [], unmappedCount: 0 },
};
const GOOD: GoLiveFacts = {
  ...{ channel: 'market', isShadow: true, policyVersion: '7', unreachable: undefined, compared },
  ...{ backlog: 0, isBehind: false, openCases: 2, criticalCases: [], now: NOW },
};
const failing = (facts: Partial<GoLiveFacts>, percent = 0.5) =>
  goLiveChecks({ ...GOOD, ...facts }, percent)
    .filter(({ isOk }) => !isOk)
    .map(({ name, todo }) => [name, typeof todo]);

describe('the go-live checklist', () => {
  it('is good when all holds, and tells what to change in the policy', () => {
    expect(failing({})).toEqual([]);
    const [policy] = goLiveChecks(GOOD, 0.5);
    expect(policy).toMatchObject({
      name: 'policy',
      todo: expect.stringContaining('"mode": "live" for market') as string,
    });
    expect(goLiveChecks({ ...GOOD, isShadow: false }, 0.5)[0]).not.toHaveProperty('todo');
  });

  it.each([
    ['it cannot be reached', { unreachable: 'no secret' }, ['connector']],
    ['it was never compared', { compared: undefined }, ['compared', 'mismatches', 'mapped']],
    ['the comparison is old', { compared: { ...compared, at: NOW - DAY - 1 } }, ['compared']],
    ['the statement was partial', { compared: { ...compared, isComplete: false } }, ['compared']],
    ['too many differ', { compared: { ...compared, mismatches: 6 } }, ['mismatches']],
    ['it shows unknown SKUs', { compared: { ...compared, unmapped: ['X'], unmappedCount: 1 } }, ['mapped']],
    ['something waits to be told', { backlog: 1 }, ['backlog']],
    ['the figures are behind', { isBehind: true }, ['backlog']],
    ['a critical case is open', { criticalCases: ['shortfall-1'] }, ['cases']],
  ] as const)('is not when %s', (_, facts, names) => {
    expect(failing(facts)).toEqual(names.map((name) => [name, 'string']));
  });
});
