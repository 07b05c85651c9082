// What a node does beside taking commands and answering reads. Any node can serve any stock; a channel is told by one of them
// at a time, which holds it by a lease in the log (adapters/publishing/tenure.ts), so all nodes may be alike. A node that only
// serves (`api`) tells no channel, no ERP and no webhook, polls none, and keeps no schedule; webhooks it takes.
import type { Inbound } from '../adapters/inbound/inbound.ts';
import type { Sharing } from '../adapters/publishing/tenure.ts';
import type { Policy } from '../domain/channel/policy.ts';

export type NodeRole = 'all' | 'api';

/** How long a channel waits for another node when the one that tells it is gone: three calls of the usual 10 s. */
export const CHANNEL_LEASE_MS = 30_000;

export interface Node {
  readonly nodeRole: NodeRole;
  readonly nodeName: string;
  readonly channelLeaseMs: number;
}

/** Undefined: nobody else can tell channels, so there is nothing to wait for. */
export function sharingOf({ nodeRole, nodeName, channelLeaseMs }: Node, isSoleWriter: boolean): Sharing | undefined {
  if (isSoleWriter && nodeRole === 'all') return undefined;
  return { node: nodeName, takes: nodeRole === 'all', leaseMs: channelLeaseMs };
}

/** The policy as a node sees it that calls nobody: without ERPs to post to and webhooks to tell, without comparisons to make on a schedule. */
export function policyOfRole(role: NodeRole, policy: () => Policy): () => Policy {
  if (role === 'all') return policy;
  let seen: { readonly of: Policy; readonly as: Policy } | undefined;
  return () => {
    const of = policy();
    if (seen?.of !== of) seen = { of, as: withoutCalls(of) };
    return seen.as;
  };
}

function withoutCalls(policy: Policy): Policy {
  const reconciliation = { ...policy.reconciliation, schedules: [] };
  return { ...policy, reconciliation, document: { ...policy.document, reconciliation, erps: [], webhooks: [] } };
}

export function inboundOfRole(role: NodeRole, inbound: Inbound | undefined): Inbound | undefined {
  return role === 'all' || inbound === undefined ? inbound : { ...inbound, poll: undefined };
}
