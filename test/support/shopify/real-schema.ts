// Runs the simulator's resolvers behind Shopify's real schema of the version we speak: a query that it does not know, a
// variable of the wrong type or an answer that breaks its types is an error, as at Shopify.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildClientSchema, execute, type GraphQLSchema, type IntrospectionQuery, parse, validate } from 'graphql';
import type { RunGraphQL } from '../../../adapters/channels/shopify/simulator/graphql-run.ts';
import { SCHEMA_FILE, SCHEMA_FOLDER } from './schema-file.ts';

/** Undefined, and said so: it was not fetched. */
export function realSchema(): GraphQLSchema | undefined {
  const file = join(SCHEMA_FOLDER, SCHEMA_FILE);
  if (!existsSync(file)) {
    console.warn('SKIPPED: the Shopify schema is not there; fetch it with `node test/support/shopify/fetch-schema.ts`');
    return undefined;
  }
  const json = JSON.parse(gunzipSync(readFileSync(file)).toString()) as
    | IntrospectionQuery
    | { readonly data: IntrospectionQuery };
  // Shopify's own schema breaks a rule of newer GraphQL (a deprecated field of an interface that is not): taken as it is.
  return buildClientSchema('data' in json ? json.data : json, { assumeValid: true });
}

export interface Judged {
  readonly run: RunGraphQL;
  /** What the schema objected to. */
  readonly objections: string[];
  /** Names of the operations that passed. */
  readonly passed: Set<string>;
}

export function runBehind(schema: GraphQLSchema): Judged {
  const objections: string[] = [];
  const passed = new Set<string>();
  // The first query of a schema of this size takes long; no call of a test should be the one that waits.
  validate(schema, parse('query Warm($id: ID!) { node(id: $id) { id ... on Order { id } } nodes(ids: [$id]) { id } }'));
  const run: RunGraphQL = async ({ query, variables }, root, context) => {
    const document = parse(query);
    const invalid = validate(schema, document);
    const answer =
      invalid.length > 0
        ? { errors: invalid }
        : await execute({ schema, document, rootValue: root, contextValue: context, variableValues: variables });
    if (answer.errors !== undefined && answer.errors.length > 0) {
      objections.push(...answer.errors.map(({ message }) => message));
      const errors = answer.errors.map(({ message }) => ({ message, extensions: { code: 'undefinedField' } }));
      return { errors };
    }
    for (const definition of document.definitions) {
      if (definition.kind === 'OperationDefinition') passed.add(definition.name?.value ?? '');
    }
    return 'data' in answer ? { data: answer.data } : {};
  };
  return { run, objections, passed };
}
