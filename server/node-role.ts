// What a node does beside taking commands and answering reads. Any node can serve any stock; but a channel must be told by
// one process at a time, and there is no lease for that in the log yet, so the operator says which node it is. A node that
// only serves (`api`) tells no channel, no ERP and no webhook, polls none, and keeps no schedule; webhooks it takes.
import type { Inbound } from '../adapters/inbound/inbound.ts';
import type { Policy } from '../domain/channel/policy.ts';

export type NodeRole = 'all' | 'api';

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
