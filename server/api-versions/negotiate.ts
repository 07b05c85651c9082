// Which version of the API a request speaks, and what its answer says of that version's life. A client that names none is
// answered in the oldest one that is not retired, so that nothing breaks for whoever has never heard of versions.
import { type ApiPolicy, type Decline, declineOf } from '../../domain/policy/api-versions.ts';
import type { Instant } from '../../domain/time.ts';
import { HttpProblem } from '../problems.ts';
import type { ApiVersion } from './versions.ts';

export const VERSION_HEADER = 'evenstock-version';

export interface Spoken {
  readonly version: string;
  readonly decline: Decline | undefined;
}

type Said = ApiPolicy['versions'];

/** @throws HttpProblem `unknown-version`, `version-retired` */
export function spokenVersion(
  asked: string | undefined,
  versions: readonly ApiVersion[],
  said: Said,
  now: Instant,
): Spoken {
  const isRetired = (decline: Decline | undefined) => decline?.sunsetAt !== undefined && decline.sunsetAt <= now;
  if (asked === undefined) {
    for (const { date } of versions) {
      const decline = said.length === 0 ? undefined : declineOf(said, date);
      if (!isRetired(decline)) return { version: date, decline };
    }
    throw new HttpProblem('version-retired', 'Every version of this API has been retired by policy');
  }
  if (!versions.some(({ date }) => date === asked)) {
    const known = versions.map(({ date }) => date).join(', ');
    throw new HttpProblem('unknown-version', `There is no version ${asked.slice(0, 20)}; there is ${known}`, {
      errors: [{ path: VERSION_HEADER, rule: 'allowed-values', message: `must be one of ${known}` }],
    });
  }
  const decline = declineOf(said, asked);
  if (isRetired(decline)) {
    const where = decline?.link === undefined ? '' : `; see ${decline.link}`;
    throw new HttpProblem('version-retired', `Version ${asked} was retired by policy${where}`);
  }
  return { version: asked, decline };
}

/** Deprecation (RFC 9745), Sunset (RFC 8594), and where to read on. */
export function versionHeaders({ version, decline }: Spoken, now: Instant): Readonly<Record<string, string>> {
  const named = { [VERSION_HEADER]: version };
  if (decline === undefined) return named;
  return {
    ...named,
    // A date to come announces it.
    deprecation: `@${Math.floor(decline.deprecatedAt / 1_000)}`,
    ...(decline.sunsetAt === undefined ? {} : { sunset: new Date(decline.sunsetAt).toUTCString() }),
    ...(decline.link === undefined ? {} : { link: `<${decline.link}>; rel="${linkKind(decline, now)}"` }),
  };
}

function linkKind({ deprecatedAt }: Decline, now: Instant): string {
  return deprecatedAt <= now ? 'deprecation' : 'sunset';
}
