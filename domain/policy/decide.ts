// Judges a change of policy against its history. A change is taken whole or refused whole, with a reason; saying again
// what holds already changes nothing.
import type { PolicyDocument } from '../channel/policy.ts';
import type { JsonObject } from '../event-log.ts';
import type { Instant } from '../time.ts';
import { type NewPolicyEvent, POLICY_EVENT_VERSION } from './events.ts';
import {
  effectiveVersion,
  evolveHistory,
  loweredChannels,
  type PolicyHistory,
  sameDocument,
  scheduledVersions,
  storedDocument,
} from './history.ts';

interface By {
  readonly author: string;
  readonly reason: string;
  readonly client?: string | undefined;
}

export type PolicyCommand = By &
  (
    | {
        readonly type: 'apply';
        /** Judged by `PolicyDocument`. */
        readonly document: PolicyDocument;
        /** Undefined: from now on. */
        readonly effectiveFrom?: Instant | undefined;
        /** The version that it changes: refused when another would hold then. Undefined: whatever holds. */
        readonly basedOn?: string | undefined;
      }
    | { readonly type: 'cancel'; readonly version: string }
    | { readonly type: 'lower' | 'restore'; readonly channel: string }
  );

export type PolicyRefusalReason =
  | 'invalid-policy'
  | 'effective-in-past'
  | 'policy-not-based-on-this'
  | 'policy-version-reused'
  | 'policy-version-scheduled'
  | 'unknown-policy-version'
  | 'policy-already-effective';

export type PolicyDecision =
  /** No event: it holds already. */
  | { readonly outcome: 'accepted'; readonly events: readonly NewPolicyEvent[] }
  | {
      readonly outcome: 'refused';
      readonly reason: PolicyRefusalReason;
      readonly path: string;
      readonly detail: string;
    };

const UNCHANGED: PolicyDecision = { outcome: 'accepted', events: [] };

/** `now` never lies before the last event of the history. */
export function decidePolicy(history: PolicyHistory, command: PolicyCommand, now: Instant): PolicyDecision {
  switch (command.type) {
    case 'apply':
      return apply(history, command, now);
    case 'cancel':
      return cancel(history, command, now);
    case 'lower':
    case 'restore': {
      const isLowered = loweredChannels(history, now).includes(command.channel);
      if (isLowered === (command.type === 'lower')) return UNCHANGED;
      const type = command.type === 'lower' ? 'ChannelLowered' : 'ChannelRestored';
      return accepted({ type, ...frame(command, now), channel: command.channel });
    }
  }
}

/** The history as it would be, recorded nowhere. */
export function planPolicy(
  history: PolicyHistory,
  command: PolicyCommand,
  now: Instant,
): { readonly outcome: 'accepted'; readonly history: PolicyHistory } | Extract<PolicyDecision, { outcome: 'refused' }> {
  const decision = decidePolicy(history, command, now);
  if (decision.outcome === 'refused') return decision;
  const next = (history.versions.at(-1)?.revision ?? 0) + 1;
  const planned = decision.events.reduce((so, event, n) => evolveHistory(so, event, next + n), history);
  return { outcome: 'accepted', history: planned };
}

function apply(
  history: PolicyHistory,
  command: Extract<PolicyCommand, { type: 'apply' }>,
  now: Instant,
): PolicyDecision {
  const { document, effectiveFrom = now, basedOn } = command;
  const { version } = document;
  if (effectiveFrom < now) {
    const detail = `effectiveFrom lies in the past: what was decided under another policy stays decided. It is ${text(now)} now`;
    return refused('effective-in-past', '/effectiveFrom', detail);
  }
  const earlier = history.versions.findLast((one) => one.version === version);
  if (earlier !== undefined && !sameDocument(storedDocument(earlier.document), document)) {
    const detail = `policy version ${version} was taken before with other content (policy@${earlier.revision}); give the changed document a new version`;
    return refused('policy-version-reused', '/document/version', detail);
  }
  if (effectiveVersion(history, effectiveFrom)?.version === version) {
    const waits = scheduledVersions(history, now).find((one) => one.version === version);
    if (waits === undefined || waits.effectiveFrom === effectiveFrom) return UNCHANGED;
  }
  if (scheduledVersions(history, now).some((one) => one.version === version)) {
    const detail = `policy version ${version} waits to be effective already; cancel it to give it another time`;
    return refused('policy-version-scheduled', '/document/version', detail);
  }
  const before = effectiveVersion(history, effectiveFrom)?.version;
  if (basedOn !== undefined && basedOn !== before) {
    const detail = `it was made from policy version ${basedOn}, and ${before ?? 'none'} holds at its time: plan it again`;
    return refused('policy-not-based-on-this', '/basedOn', detail);
  }
  const json = JSON.parse(JSON.stringify(document)) as JsonObject;
  return accepted({ type: 'PolicyApplied', ...frame(command, now), version, effectiveFrom, document: json });
}

function cancel(
  history: PolicyHistory,
  command: Extract<PolicyCommand, { type: 'cancel' }>,
  now: Instant,
): PolicyDecision {
  const { version } = command;
  const waits = scheduledVersions(history, now).find((one) => one.version === version);
  if (waits !== undefined) {
    return accepted({ type: 'PolicyCancelled', ...frame(command, now), version, applied: waits.revision });
  }
  const known = history.versions.findLast((one) => one.version === version);
  if (known === undefined)
    return refused('unknown-policy-version', '/version', `there is no policy version ${version}`);
  if (known.cancelled !== undefined) return UNCHANGED;
  const detail = `policy version ${version} is effective since ${text(known.effectiveFrom)}; apply another version instead`;
  return refused('policy-already-effective', '/version', detail);
}

function frame({ author, reason, client }: By, now: Instant) {
  const who = client === undefined ? { author, reason } : { author, reason, client };
  return { v: POLICY_EVENT_VERSION, recordedAt: now, ...who } as const;
}

function accepted(event: NewPolicyEvent): PolicyDecision {
  return { outcome: 'accepted', events: [event] };
}

function refused(reason: PolicyRefusalReason, path: string, detail: string): PolicyDecision {
  return { outcome: 'refused', reason, path, detail };
}

function text(at: Instant): string {
  return new Date(at).toISOString();
}
