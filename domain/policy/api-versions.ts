// How long a dated version of the HTTP API lives, by policy: when it is deprecated, and when it is answered no more. Which
// versions there are is the server's; what is said here of a version that it does not have says nothing.
import { z } from 'zod';
import type { Instant } from '../time.ts';
import { type Issue, unique } from './issue.ts';

const Time = z.iso.datetime({ offset: true });

export const ApiPolicy = z
  .strictObject({
    versions: z
      .array(
        z.strictObject({
          version: z.iso.date().meta({ description: 'The version, by its date' }),
          deprecatedAt: Time.meta({ description: 'From then on answers say that it is deprecated' }),
          sunsetAt: Time.optional().meta({ description: 'From then on it is not answered any more (410)' }),
          link: z
            .url({ protocol: /^https?$/ })
            .max(500)
            .optional()
            .meta({ description: 'What to do, for people' }),
        }),
      )
      .max(50)
      .default([]),
  })
  .meta({ description: 'Until when versions of the HTTP API are answered' });
export type ApiPolicy = z.output<typeof ApiPolicy>;

export function apiIssues(api: ApiPolicy | undefined, issue: Issue): void {
  const versions = api?.versions ?? [];
  unique(
    versions.map(({ version }) => ({ id: version })),
    issue,
  );
  versions.forEach(({ deprecatedAt, sunsetAt }, n) => {
    if (sunsetAt !== undefined && Date.parse(sunsetAt) <= Date.parse(deprecatedAt))
      issue([n, 'sunsetAt'], 'must be later than deprecatedAt');
  });
}

/** What is said of a version; undefined: it lives. */
export interface Decline {
  readonly deprecatedAt: Instant;
  readonly sunsetAt: Instant | undefined;
  readonly link: string | undefined;
}

/** @param versions of the policy */
export function declineOf(versions: ApiPolicy['versions'], version: string): Decline | undefined {
  const said = versions.find((one) => one.version === version);
  if (said === undefined) return undefined;
  const { deprecatedAt, sunsetAt, link } = said;
  return {
    deprecatedAt: Date.parse(deprecatedAt),
    sunsetAt: sunsetAt === undefined ? undefined : Date.parse(sunsetAt),
    link,
  };
}
