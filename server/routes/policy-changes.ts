// POST /v1/policy/plan, /v1/policy and /v1/policy/versions/{version}/cancel: a change of policy is looked at first, then
// taken whole or refused whole. Saying again what was taken changes nothing, so a repeat after a lost answer is harmless.
import { z } from 'zod';
import { PolicyDocument, PolicyVersionName } from '../../domain/channel/policy.ts';
import { Conflict, UnknownOutcome } from '../../domain/event-log.ts';
import { type PolicyCommand, type PolicyDecision, planPolicy } from '../../domain/policy/decide.ts';
import { documentChanges, type PolicyChange } from '../../domain/policy/difference.ts';
import { effectiveVersion, policyAt, storedDocument } from '../../domain/policy/history.ts';
import { InstantText } from '../../domain/stock/commands.ts';
import type { Client } from '../auth/keys.ts';
import type { PolicyAnswer } from '../policy/book.ts';
import { text, versionView } from '../policy/views.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, charge, json } from './api.ts';
import { answerJson } from './intake/json-request.ts';
import { segmentBy } from './intake/query.ts';

/** A document is one event, and EventStoreDB takes 1 MiB in one append. */
const BODY_BYTES_MAX = 900 * 1024;
const CHANGES_MAX = 500;
/** What a plan takes of its client's rate: it looks at every figure that would change. */
const PLAN_UNITS = 250;

const reason = z.string().trim().min(1).max(500);

export const PlanBody = z
  .strictObject({
    document: PolicyDocument,
    effectiveFrom: InstantText.optional().meta({ description: 'Default: now' }),
  })
  .meta({ id: 'PolicyPlanRequest' });

export const ApplyBody = z
  .strictObject({
    document: PolicyDocument,
    reason: reason.meta({ description: 'Why; kept with the version' }),
    effectiveFrom: InstantText.optional().meta({ description: 'Not in the past; default: now' }),
    basedOn: PolicyVersionName.optional().meta({
      description: 'The version that it was made from (`against` of a plan): refused if another holds by then',
    }),
  })
  .meta({ id: 'PolicyApplyRequest' });

export const CancelBody = z.strictObject({ reason }).meta({ id: 'PolicyCancelRequest' });

const INVALID = { bytesMax: BODY_BYTES_MAX, invalid: 'invalid-policy' } as const;

export function postPlan(api: Api, c: ApiContext): Promise<Response> {
  return answerJson(api, c, { scope: 'policy:read', schema: PlanBody, ...INVALID }, async (client, body) => {
    unlimited(client);
    charge(api, client, PLAN_UNITS);
    const { policies, figuresUnder } = api.processes;
    const misfit = policies.misfit(body.document);
    if (misfit !== undefined) throw refusal(misfit);
    const [history, now] = [policies.history(), policies.now()];
    const command: PolicyCommand = { type: 'apply', ...body, author: client.id, reason: 'plan' };
    const planned = planPolicy(history, command, now);
    if (planned.outcome === 'refused') throw refusal(planned);
    const at = body.effectiveFrom ?? now;
    const before = effectiveVersion(history, at);
    const changes = before === undefined ? [] : documentChanges(storedDocument(before.document), body.document);
    const [wouldHold, willHold] = [policyAt(history, at), policyAt(planned.history, at)];
    const figures = wouldHold === undefined || willHold === undefined ? [] : figuresUnder(wouldHold, willHold);
    return json({
      version: body.document.version,
      against: before?.version,
      effectiveFrom: text(at),
      ...changesView(changes),
      figures: { changed: figures.reduce((sum, { changed }) => sum + changed, 0), channels: figures },
      asOf: api.availability.position(),
    });
  });
}

export function postPolicy(api: Api, c: ApiContext): Promise<Response> {
  return answerJson(api, c, { scope: 'policy:write', schema: ApplyBody, ...INVALID }, async (client, body) => {
    unlimited(client);
    return changed(api, body.document.version, { type: 'apply', ...body, ...by(client) });
  });
}

export function postCancellation(api: Api, c: ApiContext): Promise<Response> {
  return answerJson(api, c, { scope: 'policy:write', schema: CancelBody, ...INVALID }, async (client, body) => {
    unlimited(client);
    return changed(api, versionOf(c), { type: 'cancel', version: versionOf(c), ...body, ...by(client) });
  });
}

export function changesView(changes: readonly PolicyChange[]) {
  return { changes: changes.slice(0, CHANGES_MAX), changesInAll: changes.length };
}

function by({ id }: Client) {
  return { author: id, client: id };
}

async function changed(api: Api, name: string, command: PolicyCommand): Promise<Response> {
  const { policies } = api.processes;
  const answer = await policies.change(command).catch(failure);
  if (answer.outcome === 'refused') throw refusal(answer);
  const history = policies.history();
  const taken = history.versions.findLast((one) => one.version === name);
  if (taken === undefined) throw unknownVersion(name);
  const { position } = answer;
  return json({
    changed: answer.changed,
    ...versionView(history, taken, policies.now()),
    ...(position === undefined ? undefined : { position }),
  });
}

function refusal({ reason: name, path, detail }: Extract<PolicyDecision, { outcome: 'refused' }>): HttpProblem {
  return new HttpProblem(name, detail, { errors: [{ path, rule: name, message: detail }] });
}

/** `Unavailable` is answered by the app. */
function failure(error: unknown): PolicyAnswer {
  const retryAfterMs = 1_000;
  if (error instanceof UnknownOutcome) {
    throw new HttpProblem('unknown-outcome', 'Send the same again: what was recorded changes nothing', {
      retryAfterMs,
    });
  }
  if (error instanceof Conflict) throw new HttpProblem('conflict', 'Send the same again', { retryAfterMs });
  throw error;
}

/** @throws HttpProblem `forbidden` */
export function unlimited({ locations, channels }: Client): void {
  if (locations === 'all' && channels === 'all') return;
  throw new HttpProblem('forbidden', 'This needs a key that is not limited to some locations or channels');
}

/** @throws HttpProblem `invalid-parameter` */
export function versionOf(c: ApiContext): string {
  return segmentBy(c, 'version', PolicyVersionName);
}

export function unknownVersion(name: string): HttpProblem {
  return new HttpProblem('unknown-policy-version', `There is no policy version ${name}`);
}
