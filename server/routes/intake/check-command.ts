// From a parsed JSON value to a command that may be sent to an actor: its shape, what the client may touch, and
// whether the policy knows what it names. Failures are values, because in a batch each line has its own.
import { badForBundle } from '../../../domain/bundle/command.ts';
import type { Policy } from '../../../domain/channel/policy.ts';
import { isFact, StockCommand } from '../../../domain/stock/commands.ts';
import { escrowDevice } from '../../../domain/till/escrow.ts';
import type { Client } from '../../auth/keys.ts';
import { mayUseChannel, mayUseLocation } from '../../auth.ts';
import { type Fault, faultsOf, type ProblemName } from '../../problems.ts';

export interface BadCommand {
  readonly reason: Extract<
    ProblemName,
    | 'invalid-json'
    | 'invalid-command'
    | 'forbidden'
    | 'not-owner'
    | 'unknown-location'
    | 'unknown-sku'
    | 'unknown-sales-channel'
    | 'bundle-has-no-stock'
  >;
  readonly detail: string;
  readonly commandId?: string | undefined;
  readonly errors: readonly Fault[];
}

export type Checked = { readonly command: StockCommand } | { readonly bad: BadCommand };

/** The part of the API that checking needs; the importer checks without the rest. */
export interface CommandChecks {
  readonly policy: () => Policy;
  readonly observe?:
    | { rejected?(reason: ProblemName, command: StockCommand, client: Pick<Client, 'id'>): void }
    | undefined;
}

export function checkCommand(api: CommandChecks, client: Client, value: unknown): Checked {
  const parsed = StockCommand.safeParse(value);
  if (!parsed.success) {
    const errors = faultsOf(parsed.error.issues);
    const fields = errors.map(({ path, message }) => (path === '' ? message : `${path} ${message}`));
    return { bad: { reason: 'invalid-command', detail: fields.join('; '), commandId: commandIdOf(value), errors } };
  }
  const command = parsed.data;
  const bad = forbidden(client, command) ?? unknown(api, command) ?? notOwner(api, client, command);
  if (bad === undefined) return { command };
  if (bad.reason !== 'forbidden') api.observe?.rejected?.(bad.reason, command, client);
  return { bad };
}

function forbidden(client: Client, command: StockCommand): BadCommand | undefined {
  if (!mayUseLocation(client, command.location)) {
    return badField(
      command,
      'forbidden',
      'location',
      `this key is limited to other locations than ${command.location}`,
    );
  }
  const channel = channelOf(command);
  if (channel !== undefined && !mayUseChannel(client, channel)) {
    return badField(command, 'forbidden', 'channel', `this key is limited to other channels than ${channel}`);
  }
  return undefined;
}

function unknown(api: CommandChecks, command: StockCommand): BadCommand | undefined {
  const policy = api.policy();
  const { location, sku } = command;
  if (!policy.knowsLocation(location)) {
    return badField(command, 'unknown-location', 'location', `the policy has no location ${location}`);
  }
  if (!policy.knowsSku(sku)) return badField(command, 'unknown-sku', 'sku', `the policy has no SKU ${sku}`);
  const bundle = policy.bundles.of(sku);
  const unfit = bundle && badForBundle(command, bundle);
  if (unfit !== undefined) return badField(command, unfit.reason, unfit.field, unfit.message);
  const other = otherLocation(command);
  if (other !== undefined && !policy.knowsLocation(other.location)) {
    return badField(command, 'unknown-location', other.field, `the policy has no location ${other.location}`);
  }
  // Only a request needs the channel: units are promised from its share. A fact names it for the record.
  const channel = isFact(command) ? undefined : channelOf(command);
  if (channel !== undefined && policy.channel(channel) === undefined) {
    return badField(command, 'unknown-sales-channel', 'channel', `the policy has no channel ${channel}`);
  }
  return undefined;
}

/** Whoever else may write here: one system owns this, by policy. What workflows send comes from us, and not by here. */
function notOwner(api: CommandChecks, client: Client, command: StockCommand): BadCommand | undefined {
  const { type, location, source } = command;
  const device = 'reservationId' in command ? escrowDevice(command.reservationId ?? '') : undefined;
  if (device !== undefined && source?.id !== device) {
    return badField(
      command,
      'not-owner',
      'reservationId',
      `what is lent to ${device} is for the source ${device} alone`,
    );
  }
  const sender = { client: client.id, source: source?.id };
  const rule = api.policy().notOwner(sender, { type, location, channel: channelOf(command) });
  if (rule === undefined) return undefined;
  const from = source === undefined ? client.id : `${source.id} (${client.id})`;
  return badField(command, 'not-owner', 'type', `${type} at ${location} is not for ${from} to send, by rule ${rule}`);
}

function badField(command: StockCommand, reason: BadCommand['reason'], field: string, message: string): BadCommand {
  const path = `/${field}`;
  return { reason, detail: `${path} ${message}`, commandId: command.id, errors: [{ path, rule: reason, message }] };
}

function channelOf(command: StockCommand): string | undefined {
  return 'channel' in command ? command.channel : undefined;
}

function otherLocation(
  command: StockCommand,
): { readonly field: 'to' | 'from'; readonly location: string } | undefined {
  if ('to' in command) return { field: 'to', location: command.to };
  if ('from' in command) return { field: 'from', location: command.from };
  return undefined;
}

/** The id of something that is no valid command, so that its sender finds it again. */
function commandIdOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  return typeof value.id === 'string' ? value.id.slice(0, 128) : undefined;
}
