// The types of each operation of the API, taken from where it is described once (server/routes/openapi).
import type { z } from 'zod';
import type { OPERATIONS } from '../routes/openapi/operations.ts';

type AnyOperation = (typeof OPERATIONS)[number];
export type Method = AnyOperation['method'];
export type PathOf<M extends Method> = Extract<AnyOperation, { readonly method: M }>['path'];
export type OperationOf<M extends Method, Path> = Extract<AnyOperation, { readonly method: M; readonly path: Path }>;

/** `/v1/stock/{sku}/{location}` → `'sku' | 'location'` */
type Segments<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Segments<Rest> : never;
export type Params<Path> = Readonly<Record<Segments<Path>, string>>;

export type Query<O> = O extends { readonly query: infer Shape extends z.ZodObject }
  ? { readonly [Name in keyof z.input<Shape>]?: string | number | boolean | undefined }
  : Readonly<Record<never, never>>;

/** Of JSON. */
export type Body<O> = O extends { readonly body: { readonly 'application/json': infer Shape extends z.ZodType } }
  ? z.input<Shape>
  : undefined;

type AnswerAs<A> = A extends readonly [string, 'application/json', infer Shape extends z.ZodType]
  ? z.output<Shape>
  : A extends readonly [string, 'application/x-ndjson', infer Shape extends z.ZodType]
    ? readonly z.output<Shape>[]
    : never;

/** The body of a 2xx; lines of NDJSON as an array. */
export type Answer<O> = O extends { readonly answers: infer Answers } ? AnswerAs<Answers[keyof Answers]> : never;
