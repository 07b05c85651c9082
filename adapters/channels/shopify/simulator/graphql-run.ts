// Answers an operation from an object of resolvers, which are called as GraphQL's reference implementation calls them:
// `field(args, context)`. So the same resolvers run here, and in the tests behind Shopify's real schema.
import {
  type Arguments,
  type Field,
  type Operation,
  parseOperation,
  type Selection,
  type Value,
} from './graphql-parse.ts';

export interface GraphQLRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface GraphQLAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

export interface GraphQLContext {
  /** Of `@idempotent`, if the operation has it. */
  readonly idempotencyKey: string | undefined;
}

export type RunGraphQL = (
  request: GraphQLRequest,
  root: object,
  context: GraphQLContext,
) => GraphQLAnswer | Promise<GraphQLAnswer>;

export const runGraphQL: RunGraphQL = ({ query, variables }, root, context) => {
  const { selections } = parseOperation(query);
  return { data: select(root, selections, variables, context) };
};

/** @throws SyntaxError */
export function contextOf({ query, variables }: GraphQLRequest): GraphQLContext {
  const operation = parseOperation(query);
  for (const field of operation.selections) {
    const key = 'name' in field ? field.directives['idempotent']?.['key'] : undefined;
    if (key !== undefined) return { idempotencyKey: String(resolved(key, variables)) };
  }
  return { idempotencyKey: undefined };
}

type Variables = GraphQLRequest['variables'];

function select(from: object, selections: readonly Selection[], variables: Variables, context: GraphQLContext): object {
  const selected: Record<string, unknown> = {};
  for (const one of selections) {
    if ('on' in one) {
      const isOf = (from as { __typename?: string }).__typename === one.on;
      if (isOf) Object.assign(selected, select(from, one.selections, variables, context));
      continue;
    }
    const property = (from as Record<string, unknown>)[one.name];
    const found = typeof property === 'function' ? property(argumentsOf(one.args, variables), context) : property;
    selected[one.alias] = part(found, one, variables, context);
  }
  return selected;
}

function part(found: unknown, field: Field, variables: Variables, context: GraphQLContext): unknown {
  if (found === undefined || found === null) return null;
  if (Array.isArray(found)) return found.map((one) => part(one, field, variables, context));
  if (field.selections.length === 0) return found;
  return select(found as object, field.selections, variables, context);
}

function argumentsOf(args: Arguments, variables: Variables): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, resolved(value, variables)]));
}

function resolved(value: Value, variables: Variables): unknown {
  if ('variable' in value) return variables[value.variable];
  if ('list' in value) return value.list.map((one) => resolved(one, variables));
  if ('object' in value) return argumentsOf(value.object, variables);
  return value.literal;
}

/**
 * Points of a query as Shopify prices it (shopify.dev/docs/api/usage/limits): a mutation 10, an object 1, a connection or a
 * list as many objects as it may have, and 2.
 */
export function costOfOperation({ type, selections }: Operation, variables: Variables): number {
  return (type === 'mutation' ? MUTATION_POINTS : 0) + costOf(selections, variables, type === 'mutation');
}
const MUTATION_POINTS = 10;

function costOf(selections: readonly Selection[], variables: Variables, isFree = false): number {
  let sum = 0;
  let most = 0;
  for (const one of selections) {
    if ('on' in one) {
      most = Math.max(most, costOf(one.selections, variables));
      continue;
    }
    if (one.selections.length === 0 || one.name === 'pageInfo') continue;
    const args = argumentsOf(one.args, variables);
    const inner = costOf(one.selections, variables, isFree);
    const many = args['first'] ?? (args['ids'] as readonly unknown[] | undefined)?.length;
    if (isFree) sum += inner;
    else if (many !== undefined) sum += 2 + Number(many) * (isConnection(one.selections) ? inner : 1 + inner);
    else if (one.name === 'nodes' || one.name === 'edges') sum += 1 + inner;
    else if (one.name === 'node') sum += inner;
    else sum += 1 + inner;
  }
  return sum + most;
}

function isConnection(selections: readonly Selection[]): boolean {
  return selections.some((one) => 'name' in one && (one.name === 'nodes' || one.name === 'edges'));
}

/** What it did cost: an answer has often fewer objects than it might have had. */
export function actualCost(requested: number, { type }: Operation, { data }: GraphQLAnswer): number {
  return Math.min(requested, (type === 'mutation' ? MUTATION_POINTS : 0) + objectsIn(data) - 1);
}

function objectsIn(data: unknown): number {
  if (Array.isArray(data)) return data.reduce<number>((sum, one) => sum + objectsIn(one), 0);
  if (typeof data !== 'object' || data === null) return 0;
  return 1 + Object.values(data).reduce<number>((sum, one) => sum + objectsIn(one), 0);
}
