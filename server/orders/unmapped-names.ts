// Orders that name what the policy does not know are refused, and somebody must map the name (fault row 21). Under the
// same keys as for stock commands: one name is one case, whoever sends it.
import type { Policy } from '../../domain/channel/policy.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import type { OrderCommand, OrderRefusal } from '../../domain/order/commands.ts';
import type { OrderFlow } from '../../domain/order/flow.ts';

const OF_NAMES: ReadonlySet<OrderRefusal> = new Set(['unknown-sku', 'unknown-location', 'unknown-sales-channel']);

/** A cause for each name that is not known; none for a refusal that has nothing to do with names. */
export function unmappedNames(
  reason: OrderRefusal,
  command: OrderCommand,
  source: string,
  policy: Policy,
): readonly Cause[] {
  if (!OF_NAMES.has(reason)) return [];
  const cause =
    (what: 'sku' | 'location' | 'channel') =>
    (name: string): Cause => ({
      kind: 'unmapped-sku',
      key: `${what}:${name}`,
      subject: { [what]: name, source },
      detail: `${source} sent an order command (${command.id}) for ${what} ${name}, which the policy does not know: it was refused`,
      proposals: [`add ${what} ${name} to the policy, then let ${source} send it again`, `mend the name at ${source}`],
    });
  const { skus, locations, channels } = namesIn(command);
  return [
    ...skus.filter((sku) => !policy.knowsSku(sku)).map(cause('sku')),
    ...locations.filter((location) => !policy.knowsLocation(location)).map(cause('location')),
    ...channels.filter((channel) => policy.channel(channel) === undefined).map(cause('channel')),
  ];
}

function namesIn(command: OrderCommand) {
  if (command.type === 'place') {
    const { lines, flow, channel } = command;
    return { skus: [...new Set(lines.map(({ sku }) => sku))], locations: locationsOf(flow), channels: [channel] };
  }
  const units = command.type === 'fulfil' || command.type === 'return' ? command.units : [];
  const locations = units.flatMap(({ location }) => location ?? []);
  return { skus: [], locations: [...new Set(locations)], channels: [] };
}

function locationsOf(flow: OrderFlow): readonly string[] {
  switch (flow.type) {
    case 'click-and-collect':
      return [flow.location];
    case 'ship-from-store':
      return [...new Set(flow.from)];
    case 'endless-aisle':
      return [...new Set([flow.orderedAt, ...(flow.near ?? [])])];
    case 'ship':
      return [...new Set(flow.near)];
  }
}
