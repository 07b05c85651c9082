// `--as-of` and `--known-at`, as every command that shows the past takes them.
import type { Command } from 'commander';
import { InstantText } from '../../domain/stock/commands.ts';
import type { Times } from '../../projections/as-of.ts';
import { ConfigError } from '../config.ts';
import { HttpProblem } from '../problems.ts';

export interface TimesOptions {
  readonly asOf?: string;
  readonly knownAt?: string;
}

export function withTimes(command: Command): Command {
  return command
    .option('--as-of <time>', 'as it was at that time, by all that is known (docs/audit.md)')
    .option('--known-at <time>', 'as it was believed at that time; both together: what was then known of --as-of');
}

/** Undefined: neither is given. @throws ConfigError naming the option and what it may be */
export function timesOf({ asOf, knownAt }: TimesOptions, now: number): Times | undefined {
  if (asOf === undefined && knownAt === undefined) return undefined;
  return { asOf: pastInstant('--as-of', asOf, now), knownAt: pastInstant('--known-at', knownAt, now) };
}

function pastInstant(option: string, text: string | undefined, now: number): number | undefined {
  const at = instant(option, text);
  if (at === undefined || at <= now) return at;
  throw new ConfigError(`${option} ${text}: lies in the future, it is ${new Date(now).toISOString()}`);
}

/** @throws ConfigError naming the option and what it may be */
export function instant(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = InstantText.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${option} ${text}: ${parsed.error.issues[0]!.message}`);
}

/** The query of a request to a server, `?` in front; '' for none. */
export function timesQuery({ asOf, knownAt }: TimesOptions): string {
  return queryOf({ asOf, knownAt });
}

/** Of what is given, `?` in front; '' for none. */
export function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** What a route would refuse with a problem is said to a person. @throws ConfigError */
export async function forPeople<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw error instanceof HttpProblem ? new ConfigError(error.message) : error;
  }
}
