// What the environment says of sealing: how often, and where the seals go. What contradicts itself is refused before anything is opened.
import { resolve, sep } from 'node:path';

export interface SealSettings {
  readonly everyMs: number;
  /** A folder of its own, outside those of the log and the caches. */
  readonly directory: string;
}

export interface SealVariables {
  /** 0: never. */
  readonly everyMinutes: number;
  readonly directory: string | undefined;
  /** Of the log and the caches; undefined for a log that has none. */
  readonly dataDirectories: readonly string[] | undefined;
}

/** Undefined: this server seals nothing. `fault` names the variable that is wrong and what is allowed. */
export function sealSettings(
  given: SealVariables,
): { readonly settings: SealSettings | undefined } | { readonly fault: readonly [variable: string, what: string] } {
  const { everyMinutes, directory, dataDirectories } = given;
  if (everyMinutes === 0) {
    return directory === undefined
      ? { settings: undefined }
      : { fault: ['SEALS_DIR', 'says where, and SEAL_EVERY_MINUTES must say how often'] };
  }
  if (directory === undefined) return { fault: ['SEALS_DIR', 'must be the folder that seals go to'] };
  if (dataDirectories === undefined) {
    return { fault: ['SEAL_EVERY_MINUTES', 'a log in memory is another one at each start: it cannot be sealed'] };
  }
  const clash = dataDirectories.find((other) => isWithin(directory, other) || isWithin(other, directory));
  if (clash !== undefined) return { fault: ['SEALS_DIR', outside(clash)] };
  return { settings: { everyMs: everyMinutes * 60_000, directory } };
}

/** Why not there. */
export function outside(directory: string): string {
  return `must be outside ${directory}: whoever can write the log must not be able to write its seals`;
}

export function isWithin(one: string, other: string): boolean {
  const [inner, outer] = [resolve(one), resolve(other)];
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}
