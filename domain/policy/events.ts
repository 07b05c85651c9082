// What happened to policy, in the stream `policy`: versions taken, with who, why and from when; versions taken back before
// they held; channels lowered while they fail. The log is the truth; a policy file is only how the first version comes in.
import type { JsonObject } from '../event-log.ts';
import type { Instant } from '../time.ts';
import { type Placed, readVersioned, type Upcasters } from '../versioned-event.ts';

export const POLICY_STREAM = 'policy';
export const POLICY_EVENT_VERSION = 1;

interface Framed {
  readonly v: typeof POLICY_EVENT_VERSION;
  readonly recordedAt: Instant;
}

interface Accounted extends Framed {
  readonly author: string;
  readonly reason: string;
  /** The API key it came with, if it came over HTTP. */
  readonly client?: string | undefined;
}

/** Written by servers before policy had authors and times; never written any more. */
interface PolicyAdopted extends Framed {
  readonly type: 'PolicyAdopted';
  readonly version: string;
  readonly document: JsonObject;
}

export interface PolicyApplied extends Accounted {
  readonly type: 'PolicyApplied';
  readonly version: string;
  /** Not before `recordedAt`. */
  readonly effectiveFrom: Instant;
  readonly document: JsonObject;
}

export interface PolicyCancelled extends Accounted {
  readonly type: 'PolicyCancelled';
  readonly version: string;
  /** Revision of the `PolicyApplied` that it takes back. */
  readonly applied: number;
}

/** The channel failed for as long as its policy says: its lowered terms hold from now on. */
export interface ChannelLowered extends Accounted {
  readonly type: 'ChannelLowered';
  readonly channel: string;
}

/** It answers again: its usual terms hold. */
export interface ChannelRestored extends Accounted {
  readonly type: 'ChannelRestored';
  readonly channel: string;
}

export type NewPolicyEvent = PolicyApplied | PolicyCancelled | ChannelLowered | ChannelRestored;
export type PolicyEvent = PolicyAdopted | NewPolicyEvent;

const TYPES: ReadonlySet<string> = new Set<PolicyEvent['type']>([
  'PolicyAdopted',
  'PolicyApplied',
  'PolicyCancelled',
  'ChannelLowered',
  'ChannelRestored',
]);
const UPCASTERS: Upcasters = new Map();

/** @throws UnknownEventVersion naming stream, revision, type and version */
export function readPolicyEvent(recorded: Placed, upcasters = UPCASTERS): PolicyEvent {
  return readVersioned(recorded, POLICY_EVENT_VERSION, TYPES, upcasters) as unknown as PolicyEvent;
}
