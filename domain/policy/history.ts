// The policy's own past and future: which version holds when, folded from the stream `policy`. Pure, so a server, a
// restart, a replay and a what-if all get the same answer to "which policy held at T".
import { type ChannelPolicy, compilePolicy, type Policy, type PolicyDocument, PolicyShape } from '../channel/policy.ts';
import type { JsonObject } from '../event-log.ts';
import type { Instant } from '../time.ts';
import type { PolicyEvent } from './events.ts';
import { loweredTerms } from './failing-channel.ts';

export interface PolicyVersion {
  readonly version: string;
  readonly author: string;
  readonly reason: string;
  readonly client: string | undefined;
  readonly effectiveFrom: Instant;
  readonly recordedAt: Instant;
  readonly document: JsonObject;
  /** In the stream `policy`. */
  readonly revision: number;
  readonly cancelled: { readonly author: string; readonly reason: string; readonly at: Instant } | undefined;
}

/** A channel that failed and was lowered; `to` undefined: it still is. */
export interface Lowering {
  readonly channel: string;
  readonly reason: string;
  readonly from: Instant;
  readonly to: Instant | undefined;
}

export interface PolicyHistory {
  /** In the order they were recorded. */
  readonly versions: readonly PolicyVersion[];
  readonly lowerings: readonly Lowering[];
  /** Of the last event; times in the stream never go back. */
  readonly recordedAt: Instant;
}

/** Who took a version that came from the policy file. */
export const FILE_AUTHOR = 'policy-file';

export const NO_HISTORY: PolicyHistory = { versions: [], lowerings: [], recordedAt: Number.NEGATIVE_INFINITY };

export function evolveHistory(history: PolicyHistory, event: PolicyEvent, revision: number): PolicyHistory {
  return evolveAll(history, [{ event, revision }]);
}

/** The same for many in one copy: a channel that failed again and again leaves a long stream. */
export function evolveAll(
  history: PolicyHistory,
  events: readonly { readonly event: PolicyEvent; readonly revision: number }[],
): PolicyHistory {
  const versions = [...history.versions];
  const lowerings = [...history.lowerings];
  let { recordedAt } = history;
  for (const { event, revision } of events) {
    recordedAt = Math.max(recordedAt, event.recordedAt);
    if (event.type === 'ChannelLowered' || event.type === 'ChannelRestored') lowerOrRestore(lowerings, event);
    else takeOrCancel(versions, event, revision);
  }
  return { versions, lowerings, recordedAt };
}

type LoweringEvent = Extract<PolicyEvent, { type: 'ChannelLowered' | 'ChannelRestored' }>;

function takeOrCancel(versions: PolicyVersion[], event: Exclude<PolicyEvent, LoweringEvent>, revision: number): void {
  switch (event.type) {
    case 'PolicyAdopted': {
      const { version, recordedAt, document } = event;
      const by = { author: FILE_AUTHOR, reason: 'adopted from the policy file at a start', client: undefined };
      const when = { effectiveFrom: recordedAt, recordedAt };
      versions.push({ version, ...by, ...when, document, revision, cancelled: undefined });
      return;
    }
    case 'PolicyApplied': {
      const { version, author, reason, client, effectiveFrom, recordedAt, document } = event;
      const applied = { version, author, reason, client, effectiveFrom, recordedAt, document, revision };
      versions.push({ ...applied, cancelled: undefined });
      return;
    }
    case 'PolicyCancelled': {
      const at = versions.findLastIndex(({ revision: applied }) => applied === event.applied);
      const cancelled = { author: event.author, reason: event.reason, at: event.recordedAt };
      if (at >= 0) versions[at] = { ...versions[at]!, cancelled };
    }
  }
}

function lowerOrRestore(lowerings: Lowering[], { type, channel, reason, recordedAt }: LoweringEvent): void {
  if (type === 'ChannelLowered') {
    lowerings.push({ channel, reason, from: recordedAt, to: undefined });
    return;
  }
  const at = lowerings.findLastIndex((one) => one.channel === channel && one.to === undefined);
  if (at >= 0) lowerings[at] = { ...lowerings[at]!, to: recordedAt };
}

/** The history as it stood at `at`: without what was decided later, also about times before. */
export function historyKnownAt({ versions, lowerings, recordedAt }: PolicyHistory, at: Instant): PolicyHistory {
  return {
    versions: versions
      .filter((version) => version.recordedAt <= at)
      .map((one) => (one.cancelled !== undefined && one.cancelled.at > at ? { ...one, cancelled: undefined } : one)),
    lowerings: lowerings
      .filter(({ from }) => from <= at)
      .map((one) => (one.to !== undefined && one.to > at ? { ...one, to: undefined } : one)),
    recordedAt: Math.min(recordedAt, at),
  };
}

/** The version that holds at `at`: of those not cancelled, the last to have begun; of two at once, the later recorded. */
export function effectiveVersion({ versions }: PolicyHistory, at: Instant): PolicyVersion | undefined {
  let found: PolicyVersion | undefined;
  for (const version of versions) {
    if (version.cancelled !== undefined || version.effectiveFrom > at) continue;
    if (found === undefined || version.effectiveFrom >= found.effectiveFrom) found = version;
  }
  return found;
}

/** Versions that do not hold yet and have not been cancelled, the next first. */
export function scheduledVersions({ versions }: PolicyHistory, now: Instant): readonly PolicyVersion[] {
  return versions
    .filter(({ effectiveFrom, cancelled }) => cancelled === undefined && effectiveFrom > now)
    .toSorted((a, b) => a.effectiveFrom - b.effectiveFrom || a.revision - b.revision);
}

export function loweredChannels({ lowerings }: PolicyHistory, at: Instant): readonly string[] {
  const held = lowerings.filter(({ from, to }) => from <= at && (to === undefined || at < to));
  return [...new Set(held.map(({ channel }) => channel))].sort();
}

/** A document as it is in the log. It was judged when it was taken: younger rules do not make it unreadable. */
export function storedDocument(document: JsonObject): PolicyDocument {
  return PolicyShape.parse(document);
}

/** Two documents that say the same, whatever their spelling. */
export function sameDocument(a: PolicyDocument, b: PolicyDocument): boolean {
  return JSON.stringify(PolicyShape.parse(a)) === JSON.stringify(PolicyShape.parse(b));
}

/** Names what holds at `at`: as long as it is the same, so is `policyAt`. */
export function holdingAt(history: PolicyHistory, at: Instant): string {
  return [effectiveVersion(history, at)?.revision ?? 'none', ...loweredChannels(history, at)].join(' ');
}

/**
 * The policy that held, or will hold, at `at`, with channels lowered that were then. Undefined before the first version.
 * Its version names what is lowered, so that a figure made under it can be explained.
 */
export function policyAt(history: PolicyHistory, at: Instant): Policy | undefined {
  const effective = effectiveVersion(history, at);
  if (effective === undefined) return undefined;
  const document = storedDocument(effective.document);
  const failing = new Set(loweredChannels(history, at));
  const isLowered = ({ id, whenFailing }: ChannelPolicy) => whenFailing.decision === 'lower' && failing.has(id);
  const lowered = document.channels.filter(isLowered).map(({ id }) => id);
  if (lowered.length === 0) return compilePolicy(document);
  return compilePolicy({
    ...document,
    version: `${document.version} (lowered: ${lowered.join(', ')})`,
    channels: document.channels.map((channel) => (isLowered(channel) ? loweredTerms(channel) : channel)),
  });
}
