// Ownership: who may send what where (R14). A rule covers commands by type, location and channel, and names their owners;
// a command that a rule covers is refused unless some rule that covers it names its sender. What no rule covers is free
// for every key whose scopes allow it. A client is who authenticated; a source is who the command says it comes from.
import { z } from 'zod';
import { StockCommand } from '../stock/commands.ts';
import { ChannelId, LocationId } from '../stock/stream.ts';
import { type Issue, unique } from './issue.ts';

const Pattern = z
  .string()
  .regex(/^[\x21-\x29\x2b-\x7e]{0,128}\*?$/, 'must be an id, or the beginning of ids and a * at its end')
  .min(1);

const Owner = z.strictObject({
  client: Pattern.optional().meta({ description: 'Id of the API key' }),
  source: Pattern.optional().meta({ description: "The command's source; default: the client" }),
});

export const OwnershipRule = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 ASCII letters, digits or . _ -')
    .meta({ description: 'Named in refusals' }),
  commands: z.array(z.string()).min(1).optional().meta({ description: 'Command types; default: all' }),
  locations: z.array(LocationId).min(1).optional().meta({ description: 'Default: all' }),
  channels: z
    .array(ChannelId)
    .min(1)
    .optional()
    .meta({ description: 'Covers only commands that name one of these; default: with any channel or none' }),
  owners: z.array(Owner).min(1),
});
export type OwnershipRule = z.output<typeof OwnershipRule>;

export interface Sender {
  readonly client: string;
  readonly source?: string | undefined;
}

export interface OwnedAct {
  readonly type: string;
  readonly location?: string | undefined;
  readonly channel?: string | undefined;
}

/** The id of the first rule that covers the act, when no covering rule names the sender; undefined: it may. */
export function notOwnerBy(rules: readonly OwnershipRule[], sender: Sender, act: OwnedAct): string | undefined {
  let covering: string | undefined;
  for (const rule of rules) {
    if (!covers(rule, act)) continue;
    if (rule.owners.some((owner) => names(owner, sender))) return undefined;
    covering ??= rule.id;
  }
  return covering;
}

/** The same, quick to ask: rules are found by location, whatever their number elsewhere. */
export function ownershipOf(rules: readonly OwnershipRule[]): (sender: Sender, act: OwnedAct) => string | undefined {
  if (rules.length === 0) return () => undefined;
  const compiled = rules.map(({ commands, channels, locations, ...rule }) => ({
    ...rule,
    locations,
    commands: commands && new Set(commands),
    channels: channels && new Set(channels),
  }));
  const anywhere = compiled.filter(({ locations }) => locations === undefined);
  const byLocation = new Map<string, typeof compiled>();
  for (const location of new Set(rules.flatMap(({ locations = [] }) => locations))) byLocation.set(location, []);
  for (const rule of compiled) {
    const here = rule.locations === undefined ? byLocation.keys() : new Set(rule.locations);
    for (const location of here) byLocation.get(location)!.push(rule);
  }
  return (sender, { type, location, channel }) => {
    let covering: string | undefined;
    for (const rule of (location === undefined ? undefined : byLocation.get(location)) ?? anywhere) {
      if (rule.commands !== undefined && !rule.commands.has(type)) continue;
      if (rule.channels !== undefined && (channel === undefined || !rule.channels.has(channel))) continue;
      if (rule.owners.some((owner) => names(owner, sender))) return undefined;
      covering ??= rule.id;
    }
    return covering;
  };
}

function covers({ commands, locations, channels }: OwnershipRule, { type, location, channel }: OwnedAct): boolean {
  if (commands !== undefined && !commands.includes(type)) return false;
  if (locations !== undefined && (location === undefined || !locations.includes(location))) return false;
  return channels === undefined || (channel !== undefined && channels.includes(channel));
}

function names(owner: z.output<typeof Owner>, { client, source = client }: Sender): boolean {
  return matches(owner.client, client) && matches(owner.source, source);
}

function matches(pattern: string | undefined, id: string): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}

const COMMAND_TYPES: ReadonlySet<string> = new Set(StockCommand.options.map(({ shape }) => shape.type.value));

interface Named {
  readonly knowsChannel: (id: string) => boolean;
  readonly knowsLocation: (id: string) => boolean;
}

export function ownershipIssues(rules: readonly OwnershipRule[], known: Named, issue: Issue): void {
  unique(rules, issue);
  rules.forEach(({ commands, locations, channels, owners }, n) => {
    commands?.forEach((type, at) => {
      if (!COMMAND_TYPES.has(type)) issue([n, 'commands', at], `unknown command type ${type}`);
    });
    locations?.forEach((id, at) => {
      if (!known.knowsLocation(id)) issue([n, 'locations', at], `unknown location ${id}`);
    });
    channels?.forEach((id, at) => {
      if (!known.knowsChannel(id)) issue([n, 'channels', at], `unknown channel ${id}`);
    });
    owners.forEach(({ client, source }, at) => {
      if (client === undefined && source === undefined)
        issue([n, 'owners', at], 'must name a client, a source or both');
    });
  });
}
