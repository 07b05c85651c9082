// The operations of /v1/policy and the shapes of their answers.
import { z } from 'zod';
import { ChannelId, Sku } from '../../../domain/stock/stream.ts';
import { PolicyChangesQuery, PolicyHistoryQuery, PolicyQuery } from '../policy.ts';
import { ApplyBody, CancelBody, PlanBody } from '../policy-changes.ts';
import { BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const version = z.string().meta({ example: '2026-11-23.1' });
const who = { author: z.string(), reason: z.string() };
const document = z
  .looseObject({ version })
  .meta({ description: 'A PolicyDocument, with what has a default filled in' });

const versionFields = {
  version,
  state: z.enum(['in-force', 'scheduled', 'past', 'cancelled']),
  ...who,
  effectiveFrom: instant,
  recordedAt: instant,
  revision: count.meta({ description: 'Number of its event in the stream `policy`, from 0' }),
  cancelled: z.strictObject({ ...who, at: instant }).optional(),
};

export const PolicyVersionDocument = z.strictObject({ ...versionFields, document }).meta({ id: 'PolicyVersion' });

export const PolicyInForce = z
  .strictObject({
    ...versionFields,
    lowered: z.array(ChannelId).meta({ description: 'Channels whose terms are lowered because they fail' }),
    document,
    scheduled: z.array(z.strictObject({ version, effectiveFrom: instant })),
  })
  .meta({ id: 'PolicyInForce' });

export const PolicyHistoryPage = z
  .strictObject({
    versions: z.array(z.strictObject(versionFields)),
    lowerings: z.array(
      z.strictObject({ channel: ChannelId, reason: z.string(), from: instant, to: instant.optional() }),
    ),
    next: count.optional(),
  })
  .meta({ id: 'PolicyHistoryPage' });

const changeFields = {
  changes: z.array(
    z.strictObject({
      path: z.string().meta({ example: 'channels[marketplace].buffer' }),
      change: z.enum(['added', 'removed', 'changed']),
      before: z.unknown().optional(),
      after: z.unknown().optional(),
    }),
  ),
  changesInAll: count,
};

export const PolicyChanges = z
  .strictObject({
    version,
    since: version.optional().meta({ description: 'Absent: it is the first' }),
    ...changeFields,
  })
  .meta({ id: 'PolicyChanges' });

export const PolicyPlan = z
  .strictObject({
    version,
    against: version.optional().meta({ description: 'The version that would hold at this time without it' }),
    effectiveFrom: instant,
    ...changeFields,
    figures: z
      .strictObject({
        changed: count,
        channels: z.array(
          z.strictObject({
            channel: ChannelId,
            changed: count,
            lower: count,
            higher: count,
            examples: z.array(z.strictObject({ sku: Sku, before: count, after: count })),
          }),
        ),
      })
      .meta({
        description: 'Available-to-sell figures, one a SKU and channel, that would be others as the stock is now',
      }),
    asOf: Position,
  })
  .meta({ id: 'PolicyPlan' });

export const PolicyChangeAnswer = z
  .strictObject({
    changed: z.boolean().meta({ description: 'false: it was so already' }),
    ...versionFields,
    position: Position.optional(),
  })
  .meta({ id: 'PolicyChangeAnswer' });

const CHANGE = [...BODY, 'invalid-policy', 'conflict', 'unavailable', 'unknown-outcome', 'disk-full'] as const;
const REFUSED = ['effective-in-past', 'policy-version-reused', 'policy-version-scheduled'] as const;

export const POLICY_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/policy',
    id: 'getPolicy',
    tag: 'Policy',
    summary: 'The policy in force, or at a time',
    scopes: ['policy:read'],
    query: PolicyQuery,
    answers: { 200: ['Its document, and who took it', JSON_TYPE, PolicyInForce] },
    problems: [...READ, 'unknown-policy-version'],
  },
  {
    method: 'get',
    path: '/v1/policy/history',
    id: 'getPolicyHistory',
    tag: 'Policy',
    summary: 'Every policy version that was taken, newest first',
    scopes: ['policy:read'],
    query: PolicyHistoryQuery,
    answers: { 200: ['A page', JSON_TYPE, PolicyHistoryPage] },
    problems: READ,
  },
  {
    method: 'get',
    path: '/v1/policy/versions/{version}',
    id: 'getPolicyVersion',
    tag: 'Policy',
    summary: 'One policy version',
    scopes: ['policy:read'],
    answers: { 200: ['Its document, and who took it', JSON_TYPE, PolicyVersionDocument] },
    problems: [...READ, 'unknown-policy-version'],
  },
  {
    method: 'get',
    path: '/v1/policy/versions/{version}/changes',
    id: 'getPolicyChanges',
    tag: 'Policy',
    summary: 'What a policy version says otherwise than another',
    scopes: ['policy:read'],
    query: PolicyChangesQuery,
    answers: { 200: ['The difference, the first 500', JSON_TYPE, PolicyChanges] },
    problems: [...READ, 'unknown-policy-version'],
  },
  {
    method: 'post',
    path: '/v1/policy/plan',
    id: 'planPolicy',
    tag: 'Policy',
    summary: 'What a policy would change',
    description: 'Judges the document as a whole and changes nothing.',
    scopes: ['policy:read'],
    body: { [JSON_TYPE]: PlanBody },
    answers: { 200: ['The difference, and what becomes of the figures', JSON_TYPE, PolicyPlan] },
    problems: [...CHANGE, ...REFUSED],
  },
  {
    method: 'post',
    path: '/v1/policy',
    id: 'applyPolicy',
    tag: 'Policy',
    summary: 'Take a policy version, now or from a time on',
    description: 'Answered when it is durable; in force now, all figures are under it. The same again changes nothing.',
    scopes: ['policy:write'],
    headers: ['Idempotency-Key'],
    body: { [JSON_TYPE]: ApplyBody },
    answers: { 200: ['Taken', JSON_TYPE, PolicyChangeAnswer] },
    problems: [...CHANGE, ...REFUSED, 'policy-not-based-on-this'],
  },
  {
    method: 'post',
    path: '/v1/policy/versions/{version}/cancel',
    id: 'cancelPolicyVersion',
    tag: 'Policy',
    summary: 'Take back a version that is not effective yet',
    scopes: ['policy:write'],
    headers: ['Idempotency-Key'],
    body: { [JSON_TYPE]: CancelBody },
    answers: { 200: ['Cancelled', JSON_TYPE, PolicyChangeAnswer] },
    problems: [...CHANGE, 'unknown-policy-version', 'policy-already-effective'],
  },
] as const satisfies readonly Operation[];
