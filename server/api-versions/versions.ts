// The dated versions of the HTTP API, oldest first. A change that would break a client is a new version: its date, what it
// changed, and how a client of the version before is understood and answered. What only adds needs no version. The document
// of each version is frozen in docs/openapi/<date>.json; a test compares the code with the newest (docs/api-versions.md).

/** What a version changed of one operation, so that the version before can still be spoken. */
export interface VersionChange {
  /** `post /v1/orders`, as in the OpenAPI document. */
  readonly operation: string;
  /** For people: what was changed, and what to do. */
  readonly what: string;
  /** The body of the version before → of this one. Whatever it is given, also what is no valid body: then unchanged. */
  readonly request?: (body: unknown) => unknown;
  /** A 2xx answer of this version → of the one before; of NDJSON a line. */
  readonly answer?: (body: unknown) => unknown;
}

export interface ApiVersion {
  /** ISO date: its name. */
  readonly date: string;
  readonly changes: readonly VersionChange[];
}

export const API_VERSIONS: readonly ApiVersion[] = [{ date: '2026-11-23', changes: [] }];

export function newestOf(versions: readonly ApiVersion[]): string {
  return versions.at(-1)!.date;
}
