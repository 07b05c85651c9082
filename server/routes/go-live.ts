// GET /v1/channels/{channel}/go-live: may the channel leave shadow mode? Gathers what is known and answers the checklist.
import { z } from 'zod';
import { isShadow } from '../../domain/channel/mode.ts';
import type { ChannelPolicy } from '../../domain/channel/policy.ts';
import { isExplained } from '../../domain/reconciliation/difference.ts';
import { type ComparedFacts, type GoLiveFacts, goLiveChecks } from '../../domain/reconciliation/go-live.ts';
import { subjectKey } from '../../domain/reconciliation/subject.ts';
import { type Api, type ApiContext, admit, json, type Route } from './api.ts';
import { channelOf } from './availability.ts';
import { readQuery } from './intake/query.ts';

export const GoLiveQuery = z.strictObject({
  mismatchPercentMax: z
    .string()
    .regex(/^\d{1,3}(?:\.\d{1,3})?$/, 'must be a percentage, such as 0.5')
    .transform(Number)
    .refine((percent) => percent <= 100, 'must be at most 100')
    .default(0.5)
    .meta({ type: 'number', pattern: undefined, description: 'SKUs that may differ without an explanation, %' }),
});

export const GO_LIVE_ROUTES: readonly Route[] = [['get', '/v1/channels/:channel/go-live', getGoLive]];

const UNMAPPED_NAMED_MAX = 10;

export async function getGoLive(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'reconciliation:read');
  const id = channelOf(api, c, client);
  const { mismatchPercentMax } = readQuery(c, GoLiveQuery);
  const facts = await factsOf(api, api.policy().channel(id)!);
  const checks = goLiveChecks(facts, mismatchPercentMax);
  return json({
    channel: id,
    ready: checks.every(({ isOk }) => isOk),
    live: !facts.isShadow,
    ...(facts.compared === undefined ? {} : { run: facts.compared.run }),
    checks: checks.map(({ isOk, ...check }) => ({ ...check, ok: isOk })),
  });
}

async function factsOf(api: Api, channel: ChannelPolicy): Promise<GoLiveFacts> {
  const { backlog = 0, inFlight = 0 } = api.channelStatus?.(channel.id) ?? {};
  const ours = [...api.processes.cases.reader().open()].filter(
    ({ subject }) =>
      subject.channel === channel.id ||
      (subject.location !== undefined && channel.locations.includes(subject.location)),
  );
  return {
    channel: channel.id,
    isShadow: isShadow(channel),
    policyVersion: api.policy().version,
    unreachable: unreachable(api, channel.id),
    compared: await comparedOf(api, channel.id),
    backlog: backlog + inFlight,
    isBehind: api.availability.position() < (await api.log.head()),
    openCases: ours.length,
    criticalCases: ours.filter(({ severity }) => severity === 'critical').map((state) => state.id),
    now: api.clock.now(),
  };
}

function unreachable(api: Api, channel: string): string | undefined {
  try {
    const read = api.processes.reconciliation.readStatementOf(channel);
    return read === undefined ? 'it has no connector: nothing could be told to it' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function comparedOf(api: Api, channel: string): Promise<ComparedFacts | undefined> {
  const { reconciliation } = api.processes;
  const last = reconciliation.found().subject(subjectKey({ channel }))?.lastCompleted;
  const stored = last === undefined ? undefined : await reconciliation.read(last.id);
  const compared = stored?.record.run.compared;
  const taken = stored?.record.run.taken;
  if (last === undefined || stored === undefined || compared === undefined || taken === undefined) return undefined;
  const open = stored.differences.filter((difference) => !isExplained(difference));
  const strange = open.filter(({ expected }) => expected === undefined);
  return {
    ...{ run: last.id, at: last.at, isComplete: taken.isComplete, badLines: taken.faultCount, skus: compared.compared },
    mismatches: open.length + compared.notListed,
    mismatchedUnits: open.reduce((units, difference) => units + Math.abs(difference.units), 0),
    unmapped: strange.slice(0, UNMAPPED_NAMED_MAX).map(({ sku }) => sku),
    unmappedCount: strange.length,
  };
}
