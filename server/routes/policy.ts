// GET /v1/policy and what was and will be in force: for people who must know by which rules a figure was made. A policy is
// one whole, so a key that is limited to some locations or channels reads none of it.
import { z } from 'zod';
import { PolicyVersionName } from '../../domain/channel/policy.ts';
import { documentChanges } from '../../domain/policy/difference.ts';
import {
  effectiveVersion,
  type PolicyHistory,
  type PolicyVersion,
  scheduledVersions,
  storedDocument,
} from '../../domain/policy/history.ts';
import { InstantText } from '../../domain/stock/commands.ts';
import type { Instant } from '../../domain/time.ts';
import { holdingView, loweringView, text, versionView } from '../policy/views.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, json, type Route } from './api.ts';
import { readQuery } from './intake/query.ts';
import { countTo } from './openapi/parameters.ts';
import {
  changesView,
  postCancellation,
  postPlan,
  postPolicy,
  unknownVersion,
  unlimited,
  versionOf,
} from './policy-changes.ts';

export const POLICY_ROUTES: readonly Route[] = [
  ['get', '/v1/policy', getPolicy],
  ['get', '/v1/policy/history', getPolicyHistory],
  ['get', '/v1/policy/versions/:version', getPolicyVersion],
  ['get', '/v1/policy/versions/:version/changes', getPolicyChanges],
  ['post', '/v1/policy', postPolicy],
  ['post', '/v1/policy/plan', postPlan],
  ['post', '/v1/policy/versions/:version/cancel', postCancellation],
];

const VERSIONS_MAX = 500;

export const PolicyQuery = z.strictObject({
  at: InstantText.optional().meta({ description: 'Instead: what held, or will hold, at this time' }),
});

export function getPolicy(api: Api, c: ApiContext): Response {
  unlimited(admit(api, c, 'policy:read'));
  const { at } = readQuery(c, PolicyQuery);
  const { policies } = api.processes;
  const history = policies.history();
  const holding = holdingView(history, at ?? policies.now());
  if (holding === undefined) {
    throw new HttpProblem('unknown-policy-version', `No policy was in force at ${text(at!)}`);
  }
  const scheduled = scheduledVersions(history, at ?? policies.now()).map((one) => ({
    version: one.version,
    effectiveFrom: text(one.effectiveFrom),
  }));
  return json({ ...holding, scheduled });
}

export const PolicyHistoryQuery = z.strictObject({
  before: countTo(Number.MAX_SAFE_INTEGER).optional().meta({ description: 'Revision; `next` of a page' }),
  limit: countTo(VERSIONS_MAX, 1).default(100).meta({ description: 'Versions a page' }),
});

/** Newest first. Lowered channels are on the first page, the latest of them. */
export function getPolicyHistory(api: Api, c: ApiContext): Response {
  unlimited(admit(api, c, 'policy:read'));
  const { before = Number.POSITIVE_INFINITY, limit } = readQuery(c, PolicyHistoryQuery);
  const { policies } = api.processes;
  const [history, now] = [policies.history(), policies.now()];
  const older = history.versions.filter(({ revision }) => revision < before).toReversed();
  const versions = older.slice(0, limit).map((version) => versionView(history, version, now));
  const isFirst = before === Number.POSITIVE_INFINITY;
  return json({
    versions,
    lowerings: isFirst ? history.lowerings.slice(-VERSIONS_MAX).toReversed().map(loweringView) : [],
    ...(older.length > limit ? { next: versions.at(-1)!.revision } : undefined),
  });
}

export function getPolicyVersion(api: Api, c: ApiContext): Response {
  unlimited(admit(api, c, 'policy:read'));
  readQuery(c, z.strictObject({}));
  const { policies } = api.processes;
  const [history, now] = [policies.history(), policies.now()];
  const version = versionNamed(history, versionOf(c), now);
  return json({ ...versionView(history, version, now), document: version.document });
}

export const PolicyChangesQuery = z.strictObject({
  since: PolicyVersionName.optional().meta({ description: 'A version; default: the one taken before it' }),
});

/** What it says otherwise than another version, or than the one that was taken before it; of the first, nothing. */
export function getPolicyChanges(api: Api, c: ApiContext): Response {
  unlimited(admit(api, c, 'policy:read'));
  const { since } = readQuery(c, PolicyChangesQuery);
  const { policies } = api.processes;
  const [history, now] = [policies.history(), policies.now()];
  const version = versionNamed(history, versionOf(c), now);
  const before =
    since === undefined
      ? history.versions.findLast(({ revision }) => revision < version.revision)
      : versionNamed(history, since, now);
  const changes =
    before === undefined ? [] : documentChanges(storedDocument(before.document), storedDocument(version.document));
  return json({ version: version.version, since: before?.version, ...changesView(changes) });
}

/** Of a version that was taken more than once, the last time; the one in force if that is one of them. @throws HttpProblem */
function versionNamed(history: PolicyHistory, wanted: string, now: Instant): PolicyVersion {
  const inForce = effectiveVersion(history, now);
  const version = inForce?.version === wanted ? inForce : history.versions.findLast((one) => one.version === wanted);
  if (version === undefined) throw unknownVersion(wanted);
  return version;
}
