// Policy as events, given / when / then: who changed what from when, what is refused, and which policy held at T.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import { decidePolicy, type PolicyCommand } from '../../../domain/policy/decide.ts';
import { documentChanges, poolChange } from '../../../domain/policy/difference.ts';
import {
  evolveHistory,
  NO_HISTORY,
  type PolicyHistory,
  policyAt,
  scheduledVersions,
} from '../../../domain/policy/history.ts';

const by = { author: 'anna', reason: 'season' };
const document = (version: string, change: Partial<PolicyDocumentJson> = {}) =>
  PolicyDocument.parse({
    version,
    locations: [{ id: 'dc' }, { id: 'store' }],
    channels: [{ id: 'web', locations: ['dc'], whenFailing: { decision: 'lower', units: 3 } }],
    ...change,
  });
const apply = (version: string, effectiveFrom?: number, change?: Partial<PolicyDocumentJson>): PolicyCommand => ({
  type: 'apply',
  ...by,
  document: document(version, change),
  effectiveFrom,
});
const cancel = (version: string): PolicyCommand => ({ type: 'cancel', ...by, version });

/** Each at its time; none may be refused. */
function given(...commands: readonly (readonly [at: number, command: PolicyCommand])[]): PolicyHistory {
  let history = NO_HISTORY;
  let revision = 0;
  for (const [at, command] of commands) {
    const decision = decidePolicy(history, command, at);
    if (decision.outcome === 'refused') throw new Error(decision.detail);
    for (const event of decision.events) history = evolveHistory(history, event, revision++);
  }
  return history;
}
const versionAt = (history: PolicyHistory, at: number) => policyAt(history, at)?.version;

describe('policy as events', () => {
  it('given a version from now on and one for later, then each holds at its time', () => {
    const history = given([10, apply('1')], [20, apply('2', 50)]);
    expect([9, 10, 49, 50].map((at) => versionAt(history, at))).toEqual([undefined, '1', '1', '2']);
    expect(scheduledVersions(history, 20)).toMatchObject([{ version: '2', author: 'anna', reason: 'season' }]);
  });

  it('given it is cancelled before it holds, then it never does', () => {
    const history = given([10, apply('1')], [20, apply('2', 50)], [30, cancel('2')]);
    expect(versionAt(history, 60)).toBe('1');
    expect(history.versions[1]!.cancelled).toMatchObject({ at: 30 });
  });

  it('given a version of before is applied again, then it holds again', () => {
    const history = given([10, apply('1')], [20, apply('2')], [30, apply('1')]);
    expect([15, 25, 35].map((at) => versionAt(history, at))).toEqual(['1', '2', '1']);
  });

  it('given the same again, then nothing is recorded', () => {
    expect(decidePolicy(given([10, apply('1')]), apply('1'), 20)).toEqual({ outcome: 'accepted', events: [] });
  });

  const past = given([10, apply('1')], [20, apply('2', 50)]);
  it.each<readonly [string, PolicyCommand, number, string]>([
    ['the past', apply('3', 19), 20, 'effective-in-past'],
    ['a version with other content', apply('1', undefined, { clockSkewMinutes: 1 }), 20, 'policy-version-reused'],
    ['a version that waits', apply('2', 60), 20, 'policy-version-scheduled'],
    ['cancelling what nobody knows', cancel('9'), 20, 'unknown-policy-version'],
    ['cancelling what holds', cancel('2'), 50, 'policy-already-effective'],
  ])('refuses %s', (_, command, now, reason) => {
    expect(decidePolicy(past, command, now)).toMatchObject({ outcome: 'refused', reason });
  });

  it('given a channel is lowered while it fails, then its terms are lower exactly meanwhile', () => {
    const lower = (type: 'lower' | 'restore'): PolicyCommand => ({ type, ...by, channel: 'web' });
    const history = given([10, apply('1')], [20, lower('lower')], [21, lower('lower')], [30, lower('restore')]);
    const buffers = [19, 20, 29, 30].map((at) => policyAt(history, at)?.channel('web')?.buffer);
    expect(buffers).toEqual([0, 3, 3, 0]);
    expect(versionAt(history, 25)).toBe('1 (lowered: web)');
  });

  // Seen failing: with `>` instead of `>=` between two versions of the same instant.
  it('holds what the last version to have begun says, whatever the order of changes', () => {
    const change = fc.record({ at: fc.nat(5), ahead: fc.nat(20), cancels: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.nat(120), (changes, asked) => {
        let now = 0;
        const expected: { version: string; from: number }[] = [];
        const commands: (readonly [number, PolicyCommand])[] = [];
        for (const [n, { at, ahead, cancels }] of changes.entries()) {
          now += at;
          expected.push({ version: `v${n}`, from: now + ahead });
          commands.push([now, apply(`v${n}`, now + ahead)]);
          if (!cancels || ahead === 0) continue;
          commands.push([now, cancel(`v${n}`)]);
          expected.pop();
        }
        const begun = expected.filter(({ from }) => from <= asked);
        const last = begun.reduce<(typeof begun)[number] | undefined>(
          (best, one) => (best === undefined || one.from >= best.from ? one : best),
          undefined,
        );
        expect(versionAt(given(...commands), asked)).toBe(last?.version);
      }),
    );
  });
});

describe('what changes', () => {
  const channels = (change: object) => ({ channels: [{ id: 'web', locations: ['dc'], ...change }] });
  it('is told by name, not by place', () => {
    const before = document('1', channels({ buffer: 2 }));
    const after = document('2', {
      ...channels({ buffer: 5 }),
      locations: [{ id: 'store' }, { id: 'dc' }, { id: 'new' }],
    });
    const changes = documentChanges(before, after).map(({ path, change }) => `${change} ${path}`);
    expect(changes).toEqual(['added locations[new]', 'changed locations (order)', 'changed channels[web].buffer']);
  });

  it('is some locations of a pool, some SKUs of it, or nothing', () => {
    const change = (a: Partial<PolicyDocumentJson>, b: Partial<PolicyDocumentJson>) => {
      const { locations, skus } = poolChange(compilePolicy(document('1', a)), compilePolicy(document('2', b)), 'web');
      return [[...locations].sort(), [...skus]];
    };
    expect(change({}, channels({ buffer: 9 }))).toEqual([[], []]);
    expect(change({}, channels({ locations: ['store'] }))).toEqual([['dc', 'store'], []]);
    expect(change(channels({ locations: ['store', 'dc'] }), channels({ locations: ['dc', 'store'] }))).toEqual([
      [],
      [],
    ]);
    expect(change({}, { channels: [] })).toEqual([['dc'], []]);
    expect(change({}, { locations: [{ id: 'dc', safetyStock: 1 }, { id: 'store' }] })).toEqual([['dc'], []]);
    expect(change({}, { safetyStock: [{ sku: 'A', units: 1 }] })).toEqual([[], ['A']]);
    expect(change({}, { safetyStock: [{ sku: 'A', location: 'store', units: 1 }] })).toEqual([[], []]);
    expect(change({}, channels({ quotas: [{ sku: 'B', location: 'dc', units: 1 }] }))).toEqual([[], ['B']]);
  });
});
