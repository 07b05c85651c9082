// Policy versions as people and programs read them: who took it, why, from when, and whether it holds.
import {
  effectiveVersion,
  type Lowering,
  loweredChannels,
  type PolicyHistory,
  type PolicyVersion,
} from '../../domain/policy/history.ts';
import type { Instant } from '../../domain/time.ts';

export type VersionState = 'in-force' | 'scheduled' | 'past' | 'cancelled';

export function stateOf(history: PolicyHistory, version: PolicyVersion, now: Instant): VersionState {
  if (version.cancelled !== undefined) return 'cancelled';
  if (version.effectiveFrom > now) return 'scheduled';
  return effectiveVersion(history, now) === version ? 'in-force' : 'past';
}

/** Without the document, which may be large. */
export function versionView(history: PolicyHistory, version: PolicyVersion, now: Instant) {
  const { author, reason, effectiveFrom, recordedAt, revision, cancelled } = version;
  return {
    version: version.version,
    state: stateOf(history, version, now),
    author,
    reason,
    effectiveFrom: text(effectiveFrom),
    recordedAt: text(recordedAt),
    revision,
    ...(cancelled === undefined ? undefined : { cancelled: { ...cancelled, at: text(cancelled.at) } }),
  };
}

export function loweringView({ channel, reason, from, to }: Lowering) {
  return { channel, reason, from: text(from), ...(to === undefined ? undefined : { to: text(to) }) };
}

/** What holds at `at`; undefined: nothing did yet. */
export function holdingView(history: PolicyHistory, at: Instant) {
  const version = effectiveVersion(history, at);
  if (version === undefined) return undefined;
  return {
    ...versionView(history, version, at),
    lowered: loweredChannels(history, at),
    document: version.document,
  };
}

export function text(at: Instant): string {
  return new Date(at).toISOString();
}
