// Commands that name what the policy does not know (fault row 21): they are refused, and somebody must map the name or
// stop its sender. The case closes when the policy knows it.
import type { Policy } from '../../domain/channel/policy.ts';
import type { CaseSink, Cause } from '../../domain/exception/cause.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { ProblemName } from '../problems.ts';
import type { Remedy } from './remedies.ts';
import type { Look } from './watching.ts';

export interface UnmappedRoom {
  readonly policy: () => Policy;
  readonly cases: () => Pick<CasesReader, 'lasting'>;
  readonly sink: Pick<CaseSink, 'raise' | 'cleared'>;
}

/** Undefined for a refusal that has nothing to do with names. */
export function unmappedBy(
  reason: ProblemName,
  command: StockCommand,
  client: { readonly id: string },
  policy: Policy,
): Cause | undefined {
  const source = command.source?.id ?? client.id;
  const cause = (what: string, name: string, subject: Cause['subject']): Cause => ({
    kind: 'unmapped-sku',
    key: `${what}:${name}`,
    subject: { ...subject, source },
    detail: `${source} sent a ${command.type} (${command.id}) for ${what} ${name}, which the policy does not know: it was refused`,
    proposals: [`add ${what} ${name} to the policy, then let ${source} send it again`, `mend the name at ${source}`],
  });
  const { sku, location } = command;
  if (reason === 'unknown-sku') return cause('sku', sku, { sku });
  if (reason === 'unknown-sales-channel' && 'channel' in command && command.channel !== undefined)
    return cause('channel', command.channel, { channel: command.channel });
  if (reason !== 'unknown-location') return undefined;
  const other = 'to' in command ? command.to : 'from' in command ? command.from : location;
  const unknown = policy.knowsLocation(location) ? other : location;
  return cause('location', unknown, { location: unknown });
}

export function watchUnmapped({ policy, cases, sink }: UnmappedRoom): Look {
  return () => {
    for (const { key } of cases().lasting('unmapped-sku'))
      if (isKnown(key, policy())) sink.cleared('unmapped-sku', key);
  };
}

export function recheckName({ policy }: Pick<UnmappedRoom, 'policy'>): Remedy {
  return ({ key }) => {
    const { version } = policy();
    if (isKnown(key, policy()))
      return { isGone: true, detail: `policy ${version} knows it: what was refused can be sent again` };
    return { isGone: false, detail: `policy ${version} does not know it` };
  };
}

function isKnown(key: string, policy: Policy): boolean {
  const cut = key.indexOf(':');
  const name = key.slice(cut + 1);
  switch (key.slice(0, cut)) {
    case 'sku':
      return policy.knowsSku(name);
    case 'location':
      return policy.knowsLocation(name);
    case 'channel':
      return policy.channel(name) !== undefined;
    default:
      return false;
  }
}
