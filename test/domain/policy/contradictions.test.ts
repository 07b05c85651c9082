// The governed parts of the policy document: what contradicts itself is refused with its place and the rule, what is
// not said has a sensible answer, and a document of before stays valid.
import { describe, expect, it } from 'vitest';
import { compilePolicy, PolicyDocument, type PolicyDocumentJson, PolicyShape } from '../../../domain/channel/policy.ts';
import { CASE_KINDS } from '../../../domain/exception/cause.ts';
import { loweredTerms } from '../../../domain/policy/failing-channel.ts';

const good: PolicyDocumentJson = {
  version: '1',
  skus: ['A', 'B'],
  locations: [{ id: 'dc' }, { id: 'store' }],
  channels: [{ id: 'web', locations: ['dc', 'store'] }],
};
const compiled = (change: Partial<PolicyDocumentJson> = {}) =>
  compilePolicy(PolicyDocument.parse({ ...good, ...change }));

const step = (from: string, to: string) => ({ from, to });
const owners = [{ client: 'pos' }];

describe('a document is refused, naming place and rule, with', () => {
  it.each<readonly [string, Partial<PolicyDocumentJson>, string, RegExp]>([
    [
      'a freshness objective of a channel it does not know',
      { freshness: [{ channel: 'nowhere', withinSeconds: 60 }] },
      'freshness.0.channel',
      /unknown channel nowhere/,
    ],
    [
      'two freshness objectives of a channel',
      { freshness: [60, 30].map((withinSeconds) => ({ channel: 'web', withinSeconds })) },
      'freshness.1',
      /web is defined twice/,
    ],
    [
      'a quota of an SKU it does not know',
      { channels: [web({ quotas: [quota('C', 1)] })] },
      'channels.0.quotas.0.sku',
      /unknown SKU C/,
    ],
    [
      'quotas above the cap',
      { channels: [web({ cap: 5, quotas: [quota('A', 3), quota('B', 5), quota('A', 3, 'store')] })] },
      'channels.0.quotas.2.units',
      /come to 6, above cap 5/,
    ],
    [
      'lowering by nothing',
      { channels: [web({ whenFailing: { decision: 'lower' } })] },
      'channels.0.whenFailing',
      /how much/,
    ],
    [
      'an unknown decision',
      { channels: [web({ whenFailing: { decision: 'pray' } as never })] },
      'channels.0.whenFailing.decision',
      /./,
    ],
    [
      'a unit value of an unknown SKU',
      { unitValues: { skus: [{ sku: 'C', value: 2 }] } },
      'unitValues.skus.0.sku',
      /unknown SKU C/,
    ],
    [
      'two unit values of one SKU',
      { unitValues: { skus: [1, 2].map((value) => ({ sku: 'A', value })) } },
      'unitValues.skus.1',
      /A is defined twice/,
    ],
    ['a unit that is worth nothing', { unitValues: { default: 0 } }, 'unitValues.default', /./],
    ['safety stock of an unknown SKU', { safetyStock: [{ sku: 'C', units: 1 }] }, 'safetyStock.0.sku', /unknown SKU/],
    [
      'a case kind twice',
      { escalation: { cases: [{ kind: 'drift' }, { kind: 'drift' }] } },
      'escalation.cases.1.kind',
      /twice/,
    ],
    ['escalation to oneself', { escalation: { steps: [step('a', 'a')] } }, 'escalation.steps.0.to', /cycle: a → a/],
    [
      'escalation in a circle',
      { escalation: { steps: [step('z', 'a'), step('a', 'b'), step('b', 'c'), step('c', 'a')] } },
      'escalation.steps.1.to',
      /cycle: a → b → c → a/,
    ],
    [
      'a role that escalates twice',
      { escalation: { steps: [step('a', 'b'), step('a', 'c')] } },
      'escalation.steps.1.from',
      /twice/,
    ],
    [
      'a system of record of nothing',
      { systemsOfRecord: [{ system: 'erp' }] },
      'systemsOfRecord.0',
      /channel or a location/,
    ],
    [
      'a system of record of an unknown location',
      { systemsOfRecord: [{ system: 'erp', location: 'moon' }] },
      'systemsOfRecord.0.location',
      /unknown location moon/,
    ],
    [
      'a system of record of an unknown channel',
      { systemsOfRecord: [{ system: 'erp', channel: 'app' }] },
      'systemsOfRecord.0.channel',
      /unknown channel app/,
    ],
    [
      'two systems of record of one location',
      {
        systemsOfRecord: [
          { system: 'erp', location: 'dc' },
          { system: 'wms', location: 'dc' },
        ],
      },
      'systemsOfRecord.1',
      /twice/,
    ],
    [
      'a count where we are right',
      { systemsOfRecord: [{ system: 'evenstock', location: 'dc', correction: 'count' }] },
      'systemsOfRecord.0.correction',
      /another system is right/,
    ],
    [
      'republishing what the channel knows better',
      { systemsOfRecord: [{ system: 'amazon', channel: 'web', correction: 'republish' }] },
      'systemsOfRecord.0.correction',
      /evenstock is right/,
    ],
    [
      'a schedule for an unknown channel',
      { reconciliation: { schedules: [{ channel: 'app', everyMinutes: 5 }] } },
      'reconciliation.schedules.0.channel',
      /unknown channel/,
    ],
    [
      'a channel scheduled twice',
      {
        reconciliation: {
          schedules: [
            { channel: 'web', everyMinutes: 5 },
            { channel: 'web', everyMinutes: 9 },
          ],
        },
      },
      'reconciliation.schedules.1',
      /twice/,
    ],
    [
      'an owned command nobody knows',
      { ownership: [{ id: 'r', commands: ['steal'], owners }] },
      'ownership.0.commands.0',
      /unknown command type steal/,
    ],
    [
      'an owned location nobody knows',
      { ownership: [{ id: 'r', locations: ['moon'], owners }] },
      'ownership.0.locations.0',
      /unknown location/,
    ],
    ['an owner without a name', { ownership: [{ id: 'r', owners: [{}] }] }, 'ownership.0.owners.0', /client, a source/],
    [
      'an ownership rule twice',
      {
        ownership: [
          { id: 'r', owners },
          { id: 'r', owners },
        ],
      },
      'ownership.1',
      /twice/,
    ],
  ])('%s', (_, change, path, rule) => {
    const issues = PolicyDocument.safeParse({ ...good, ...change }).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toContain(path);
    expect(issues.find((issue) => issue.path.join('.') === path)?.message).toMatch(rule);
    expect(PolicyDocument.safeParse(good).success).toBe(true);
  });

  function web(change: Partial<NonNullable<PolicyDocumentJson['channels']>[number]>) {
    return { ...good.channels![0]!, ...change };
  }
  function quota(sku: string, units: number, location = 'dc') {
    return { sku, location, units };
  }
});

describe('what a document does not say', () => {
  it('has an answer for every kind of case', () => {
    for (const kind of CASE_KINDS) expect(compiled().casePolicy(kind)).toMatchObject({ kind, owner: 'operations' });
    const said = compiled({ escalation: { cases: [{ kind: 'drift', severity: 'critical', owner: 'stock-control' }] } });
    expect(said.casePolicy('drift')).toEqual({
      kind: 'drift',
      severity: 'critical',
      slaMinutes: 480,
      owner: 'stock-control',
    });
  });

  it('makes evenstock right, told again at channels and looked at in locations', () => {
    expect(compiled().systemOfRecord({ channel: 'web' })).toEqual({ system: 'evenstock', correction: 'republish' });
    expect(compiled().systemOfRecord({ location: 'dc' })).toEqual({ system: 'evenstock', correction: 'case' });
    const said = compiled({
      systemsOfRecord: [
        { system: 'erp', location: 'dc' },
        { system: 'web', channel: 'web' },
      ],
    });
    expect(said.systemOfRecord({ location: 'dc' })).toEqual({ system: 'erp', correction: 'count' });
    expect(said.systemOfRecord({ channel: 'web' })).toEqual({ system: 'web', correction: 'case' });
  });

  it('lets a failing channel be retried, with its usual terms', () => {
    const [web] = compiled().channels;
    expect(web!.whenFailing).toEqual({ decision: 'retry', afterMinutes: 15 });
    expect(loweredTerms(web!)).toEqual(web);
  });

  it('is no contradiction in a log of before', () => {
    expect(PolicyShape.safeParse({ ...good, safetyStock: [{ sku: 'C', units: 1 }] }).success).toBe(true);
  });
});

describe('a channel that is lowered', () => {
  it('never shows more than usual', () => {
    const lowered = (whenFailing: object) =>
      loweredTerms(
        compiled({
          channels: [{ id: 'web', locations: ['dc'], buffer: 2, percentage: 40, whenFailing: whenFailing as never }],
        }).channels[0]!,
      );
    expect(lowered({ decision: 'lower', units: 3 })).toMatchObject({ buffer: 5, percentage: 40 });
    expect(lowered({ decision: 'lower', percentage: 80 })).toMatchObject({ buffer: 2, percentage: 40 });
    expect(lowered({ decision: 'lower', percentage: 10 })).toMatchObject({ buffer: 2, percentage: 10 });
  });
});

describe('ownership', () => {
  const policy = compiled({
    ownership: [
      {
        id: 'tills-sell',
        commands: ['sale', 'return'],
        locations: ['store'],
        owners: [{ client: 'pos', source: 'till-*' }],
      },
      { id: 'erp-receives', commands: ['receipt'], owners: [{ client: 'erp' }] },
      { id: 'stock-take', commands: ['sale'], locations: ['store'], owners: [{ client: 'import' }] },
      { id: 'web-only', channels: ['web'], owners: [{ client: 'shop' }] },
    ],
  });
  const sale = { type: 'sale', location: 'store' };
  it.each([
    ['the owner', { client: 'pos', source: 'till-7' }, sale, undefined],
    ['the right client with another source', { client: 'pos', source: 'desk' }, sale, 'tills-sell'],
    ['the right source from another client', { client: 'erp', source: 'till-7' }, sale, 'tills-sell'],
    ['an owner by another covering rule', { client: 'import' }, sale, undefined],
    ['anybody where no rule covers the location', { client: 'erp' }, { type: 'sale', location: 'dc' }, undefined],
    ['anybody where no rule covers the type', { client: 'x' }, { type: 'count', location: 'store' }, undefined],
    [
      'another for a channel that is owned',
      { client: 'pos', source: 'till-7' },
      { type: 'sale', location: 'dc', channel: 'web' },
      'web-only',
    ],
    [
      'a command without channel under a rule for channels',
      { client: 'erp' },
      { type: 'receipt', location: 'dc' },
      undefined,
    ],
  ])('%s', (_, sender, act, rule) => {
    expect(policy.notOwner(sender, act)).toBe(rule);
  });
});
