// Path and query parameters by schema, conditional requests, and read-your-write. A parameter nobody knows is
// refused: a misspelt filter must not quietly return everything.
import type { z } from 'zod';
import { ChannelId, LocationId, Sku } from '../../../domain/stock/stream.ts';
import { faultsOf, HttpProblem } from '../../problems.ts';
import { type Api, type ApiContext, headerOf, parsePosition } from '../api.ts';

/** @throws HttpProblem `invalid-parameter` */
export function readQuery<S extends z.ZodType>(c: ApiContext, schema: S): z.output<S> {
  return parameters(schema, c.req.query());
}

const SEGMENTS = { sku: Sku, location: LocationId, channel: ChannelId } as const;

/** A segment of the path, percent-decoded. @throws HttpProblem `invalid-parameter` */
export function segment(c: ApiContext, name: keyof typeof SEGMENTS): string {
  return segmentBy(c, name, SEGMENTS[name]);
}

/** A segment of the path that a schema checks, percent-decoded. @throws HttpProblem `invalid-parameter` */
export function segmentBy<S extends z.ZodType>(c: ApiContext, name: string, schema: S): z.output<S> {
  const parsed = schema.safeParse(c.req.param(name) ?? '');
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ message }) => ({ path: name, rule: 'format', message }));
  throw new HttpProblem('invalid-parameter', `${name} ${errors[0]?.message ?? 'is not valid'}`, { errors });
}

function parameters<S extends z.ZodType>(schema: S, given: Readonly<Record<string, string>>): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const errors = faultsOf(parsed.error.issues).map((fault) => ({ ...fault, path: fault.path.slice(1) }));
  const detail = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new HttpProblem('invalid-parameter', detail, { errors });
}

/**
 * Read-your-write: waits until the figures hold everything up to `?after=`, at most 5 s.
 * @throws HttpProblem `invalid-parameter`, `position-ahead` (no such position yet), `read-behind` (503, try again)
 */
export async function waitForPosition(api: Api, after: string | undefined): Promise<void> {
  if (after === undefined) return;
  const position = parsePosition(after, 'after');
  if (api.availability.position() >= position) return;
  const head = await api.log.head();
  if (position > head) {
    const message = `lies ahead of the log, whose last position is ${head}`;
    throw new HttpProblem('position-ahead', `after ${message}`, {
      errors: [{ path: 'after', rule: 'position-ahead', message }],
    });
  }
  if (await api.availability.waitFor(position, api.limits.readWaitMsMax)) return;
  throw new HttpProblem('read-behind', `The figures are at ${api.availability.position()}, before ${position}`, {
    retryAfterMs: 1_000,
  });
}

/** Does If-None-Match name this ETag? Weak comparison (RFC 9110 §13.1.2). */
export function isNotModified(c: ApiContext, etag: string): boolean {
  const header = headerOf(c, 'if-none-match');
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === opaque);
}

export function notModified(etag: string): Response {
  return new Response(null, { status: 304, headers: { etag, 'cache-control': 'no-cache' } });
}
