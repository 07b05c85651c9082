// The OpenAPI 3.1 document, made from the operations and the same zod schemas that check requests. Its dialect is
// JSON Schema 2020-12, which zod writes itself. Deterministic: the committed docs/openapi.json is compared with it.

import { z } from 'zod';
import { PolicyVersionName } from '../../../domain/channel/policy.ts';
import { StocktakeId } from '../../../domain/count/commands.ts';
import { CaseId } from '../../../domain/exception/case-commands.ts';
import { OrderId } from '../../../domain/order/commands.ts';
import { SystemName } from '../../../domain/policy/system-of-record.ts';
import { RunId } from '../../../domain/reconciliation/events.ts';
import { ChannelId, LocationId, Sku } from '../../../domain/stock/stream.ts';
import { DeviceId } from '../../../domain/till/escrow.ts';
import { TransferId } from '../../../domain/transfer/commands.ts';
import { API_VERSIONS, newestOf } from '../../api-versions/versions.ts';
import { PROBLEMS, type ProblemName } from '../../problems.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { ProblemDocument } from './schemas.ts';

type JsonSchema = Readonly<Record<string, unknown>>;
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: JsonSchema;
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly securitySchemes: JsonSchema };
  readonly [name: string]: unknown;
}

export function openApiDocument(): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Evenstock',
      version: newestOf(API_VERSIONS),
      summary: 'One true, explainable, available-to-sell number per SKU and channel',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'evs_ and 43 characters' } },
    },
  };
}

type Schemas = Record<string, JsonSchema>;

function operationObject(operation: Operation, schemas: Schemas): JsonSchema {
  const { id, tag, summary, description, scopes, body } = operation;
  const parameters = [
    ...pathParameters(operation, schemas),
    ...queryParameters(operation, schemas),
    ...headers(operation),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? undefined : { description }),
    ...(scopes.length === 0 ? undefined : { security: [{ apiKey: scopes }] }),
    ...(parameters.length === 0 ? undefined : { parameters }),
    ...(body === undefined
      ? undefined
      : {
          requestBody: {
            required: true,
            content: mapValues(body, (schema) => ({ schema: jsonSchema(schema, 'input', schemas) })),
          },
        }),
    responses: { ...answerObjects(operation, schemas), ...problemObjects(operation.problems, schemas) },
  };
}

const SEGMENTS: Readonly<Record<string, z.ZodType>> = {
  version: PolicyVersionName,
  sku: Sku,
  location: LocationId,
  channel: ChannelId,
  erp: LocationId.meta({ description: 'Id of an ERP in the policy' }),
  webhook: LocationId.meta({ description: 'Id of a webhook in the policy' }),
  orderId: OrderId,
  caseId: CaseId,
  run: RunId,
  stocktakeId: StocktakeId,
  device: DeviceId,
  transferId: TransferId,
  system: SystemName,
};

function pathParameters({ path }: Operation, schemas: Schemas): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: jsonSchema(SEGMENTS[name!]!, 'input', schemas),
  }));
}

function queryParameters({ query }: Operation, schemas: Schemas): JsonSchema[] {
  if (query === undefined) return [];
  return Object.entries(query.shape).map(([name, field]) => {
    const schema = jsonSchema(field as z.ZodType, 'input', schemas);
    const { description } = schema;
    return { name, in: 'query', required: false, ...(description === undefined ? undefined : { description }), schema };
  });
}

const HEADERS: Readonly<Record<string, string>> = {
  'Idempotency-Key': 'For 24 h, the same key and body get the first answer again',
  traceparent: 'W3C trace context; kept with the event',
  'If-None-Match': 'The ETag of an earlier answer: 304 when nothing changed',
  Accept: 'What the answer should be, where it can be more than one thing',
  'Last-Event-ID': 'Live feed: the position of the last event seen; comes before `after`',
};

function headers(operation: Operation): JsonSchema[] {
  return (operation.headers ?? []).map((name) => ({
    name,
    in: 'header',
    required: false,
    description: HEADERS[name],
    schema: { type: 'string' },
  }));
}

function answerObjects(operation: Operation, schemas: Schemas): Record<string, JsonSchema> {
  return mapValues(operation.answers, ([description, type, schema]) => {
    if (type === undefined || schema === undefined) return { description };
    const content: Record<string, JsonSchema> = { [type]: { schema: jsonSchema(schema, 'output', schemas) } };
    if (operation.headers?.includes('Last-Event-ID')) content['text/event-stream'] = { schema: { type: 'string' } };
    for (const other of operation.alsoAs ?? []) content[other] = { schema: { type: 'string' } };
    return { description, content };
  });
}

/** One answer a status, naming the reasons it may have. */
function problemObjects(names: readonly ProblemName[], schemas: Schemas): Record<string, JsonSchema> {
  const byStatus = new Map<number, ProblemName[]>();
  for (const name of new Set(names)) {
    const [status] = PROBLEMS[name];
    byStatus.set(status, [...(byStatus.get(status) ?? []), name]);
  }
  const schema = jsonSchema(ProblemDocument, 'output', schemas);
  const objects = [...byStatus].map(([status, reasons]): [string, JsonSchema] => [
    String(status),
    { description: reasons.sort().join(', '), content: { 'application/problem+json': { schema } } },
  ]);
  return Object.fromEntries(objects);
}

/** The JSON Schema of a zod schema; what has a `meta.id` goes to the components and is referred to. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    override: ({ jsonSchema: node }) => {
      // The leap-year pattern says nothing that the format does not.
      if (node.format === 'date-time') delete node.pattern;
    },
  });
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $schema: _, $defs, ...own } = JSON.parse(text) as { $schema?: string; $defs?: Record<string, JsonSchema> };
  for (const [id, component] of Object.entries($defs ?? {})) schemas[id] ??= withoutId(named(component));
  const { id } = schema.meta() ?? {};
  if (typeof id !== 'string' || '$ref' in own) return withoutId(own);
  schemas[id] ??= withoutId(named(own));
  return { $ref: `#/components/schemas/${id}` };
}

/** Which alternative it is, is told by a literal: named, so that generated clients get a discriminated union. */
function named(component: JsonSchema): JsonSchema {
  const { oneOf } = component;
  if (!Array.isArray(oneOf)) return component;
  const alternatives = oneOf as readonly {
    readonly properties?: Readonly<Record<string, { readonly const?: string }>>;
  }[];
  const propertyName = ['type', 'outcome'].find((name) => alternatives.every((one) => one.properties?.[name]?.const));
  if (propertyName === undefined) return component;
  return { ...component, oneOf: alternatives.map((one) => ({ title: one.properties?.[propertyName]?.const, ...one })) };
}

function withoutId({ id: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
