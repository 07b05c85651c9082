// What one route takes and answers, as the OpenAPI document needs it, and the problems that kinds of routes share.
import type { z } from 'zod';
import type { Scope } from '../../auth/keys.ts';
import type { ProblemName } from '../../problems.ts';

export interface Operation {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly id: string;
  /** The group it is shown in. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly scopes: readonly Scope[];
  readonly query?: z.ZodObject;
  readonly headers?: readonly string[];
  readonly body?: Readonly<Record<string, z.ZodType>>;
  /** By status: description, content type and schema. */
  readonly answers: Readonly<Record<number, readonly [description: string, type?: string, schema?: z.ZodType]>>;
  /** Content types, besides, that an answer of 200 may have when they are asked for. */
  readonly alsoAs?: readonly string[];
  readonly problems: readonly ProblemName[];
}

export const KEYED: readonly ProblemName[] = ['unauthenticated', 'forbidden', 'rate-limited', 'internal'];
export const READ: readonly ProblemName[] = [...KEYED, 'invalid-parameter', 'unavailable'];
export const AFTER: readonly ProblemName[] = [...READ, 'position-ahead', 'read-behind'];
export const BODY: readonly ProblemName[] = [
  ...KEYED,
  'invalid-parameter',
  'invalid-json',
  'too-large',
  'unsupported-media-type',
  'idempotency-in-flight',
  'idempotency-key-reused',
  'overloaded',
  'shutting-down',
];
export const JSON_TYPE = 'application/json';
