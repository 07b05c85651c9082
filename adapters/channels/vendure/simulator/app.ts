// Vendure, simulated: of its Admin API, the calls that the adapter makes, told apart by the field they ask for; with a stock,
// orders and the webhooks of a shop's plugin. It gives every field it has, where the real one gives those that were asked
// for. The adapter's contract runs against this and, without faults, against the real one.
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import type { Call } from '../../simulator/broken-answers.ts';
import type { CallKind } from '../../simulator/faults.ts';
import {
  addAdministration,
  createMisbehaving,
  type Misbehaving,
  type MisbehavingOptions,
} from '../../simulator/misbehaving.ts';
import { errors, forbidden, vendureDialect } from './dialect.ts';
import { createOrders, type SimulatedOrder, type SimulatedOrders } from './orders.ts';
import { createStock, type SimulatedStock } from './stock.ts';

export interface VendureSimulatorOptions extends MisbehavingOptions {
  readonly username: string;
  readonly password: string;
  readonly now?: (() => number) | undefined;
  /** The place for a webhook. */
  readonly onOrder?: ((order: SimulatedOrder) => void) | undefined;
}

export interface VendureSimulator {
  readonly app: Hono<{ Bindings: HttpBindings }>;
  readonly stock: SimulatedStock;
  readonly orders: SimulatedOrders;
  readonly misbehaving: Misbehaving;
  /** All that were given, the latest last. */
  readonly sessions: readonly string[];
  endSessions(): void;
}

interface Shop extends Pick<VendureSimulator, 'stock' | 'orders' | 'misbehaving'> {
  readonly logIn: (call: Call, variables: unknown) => Response;
}

const Asked = z.object({ query: z.string(), variables: z.unknown() });
/** In this order: the first field that the query names. */
const KINDS: readonly (readonly [field: string, kind: CallKind])[] = [
  ['login(', 'token'],
  ['updateProductVariants(', 'publish'],
  ['productVariants(', 'read'],
  ['orders(', 'orders'],
];

export function createVendureSimulator(options: VendureSimulatorOptions): VendureSimulator {
  const { username, password, now = Date.now, onOrder = () => {} } = options;
  const app = new Hono<{ Bindings: HttpBindings }>();
  const misbehaving = createMisbehaving(vendureDialect, options);
  const stock = createStock();
  const orders = createOrders(stock, now, onOrder);
  const sessions: string[] = [];
  const valid = new Set<string>();
  const logIn = (call: Call, variables: unknown) => {
    const given = z.object({ username: z.string(), password: z.string() }).safeParse(variables).data;
    if (given?.username !== username || given.password !== password) {
      const refused = { __typename: 'InvalidCredentialsError', errorCode: 'INVALID_CREDENTIALS_ERROR' };
      return call.json({ data: { login: { ...refused, message: 'The provided credentials are invalid' } } });
    }
    const token = `session-${crypto.randomUUID()}`;
    sessions.push(token);
    valid.add(token);
    call.header('vendure-auth-token', token);
    return call.json({ data: { login: { __typename: 'CurrentUser' } } });
  };
  const shop: Shop = { stock, orders, misbehaving, logIn };
  app.post(
    '/admin-api',
    misbehaving.guard((body) => {
      const kind = kindOf(body) ?? 'read';
      return {
        kind,
        skusOf: () => (kind === 'publish' ? Write.parse(JSON.parse(body)).variables.input : []).map(({ id }) => id),
      };
    }),
    async (call) => {
      const asked = Asked.safeParse(await call.req.json().catch(() => undefined));
      const kind = asked.success ? kindOf(asked.data.query) : undefined;
      if (!asked.success || kind === undefined) return call.json({ errors: [UNKNOWN_QUERY] }, 400);
      const token = call.req.header('authorization')?.replace(/^Bearer /, '') ?? '';
      if (kind !== 'token' && !valid.has(token)) return forbidden(call);
      return answer(kind, call, asked.data, shop);
    },
  );
  addAdministration(app, misbehaving);
  return { app, stock, orders, misbehaving, sessions, endSessions: () => valid.clear() };
}
const UNKNOWN_QUERY = { message: 'Cannot query field', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } };

/** Of a query, or of a body with one in it. */
export function kindOf(query: string): CallKind | undefined {
  return KINDS.find(([field]) => query.includes(field))?.[1];
}

function answer(kind: CallKind, call: Call, { query, variables }: z.infer<typeof Asked>, shop: Shop): Response {
  switch (kind) {
    case 'token':
      return shop.logIn(call, variables);
    case 'publish':
      return write(call, variables, shop);
    case 'orders':
      return call.json({ data: { orders: { items: chosenOrders(variables, shop.orders) } } });
    default:
      return call.json({ data: { ...SETTINGS, productVariants: chosenVariants(query, variables, shop.stock) } });
  }
}
const SETTINGS = { globalSettings: { trackInventory: true, outOfStockThreshold: 0 } };

const Level = z.object({ stockLocationId: z.string(), stockOnHand: z.int().max(2 ** 31 - 1) });
const Input = z.array(z.object({ id: z.string(), stockLevels: z.array(Level) }));
const Write = z.object({ variables: z.object({ input: Input }) });

/** One transaction: all of it or nothing. */
function write(call: Call, variables: unknown, { stock, misbehaving }: Shop): Response {
  const parsed = z.object({ input: Input }).safeParse(variables);
  if (!parsed.success)
    return call.json({ errors: [{ message: 'bad input', extensions: { code: 'BAD_USER_INPUT' } }] }, 400);
  const { input } = parsed.data;
  const path = ['updateProductVariants'];
  for (const { id, stockLevels } of input) {
    const variant = stock.variants.get(id);
    if (variant === undefined)
      return errors(call, `No ProductVariant with the id "${id}" could be found`, 'ENTITY_NOT_FOUND', path);
    if (misbehaving.faults.refusedSkus.includes(id))
      return errors(call, 'the shop does not want it', 'USER_INPUT_ERROR', path);
    const known = new Set(variant.stockLevels.map(({ stockLocationId }) => stockLocationId));
    if (!stockLevels.every(({ stockLocationId }) => known.has(stockLocationId))) {
      return errors(call, 'FOREIGN KEY constraint failed', undefined, path);
    }
  }
  for (const { id, stockLevels } of input) {
    for (const { stockLocationId, stockOnHand } of stockLevels) stock.setOnHand(id, stockLocationId, stockOnHand);
  }
  return call.json({ data: { updateProductVariants: input.map(({ id }) => stock.variants.get(id)) } });
}

const Chosen = z.object({
  ids: z.array(z.string()).optional(),
  after: z.iso.datetime().optional(),
  take: z.int().min(0),
  skip: z.int().min(0).default(0),
});

function chosenVariants(query: string, variables: unknown, { variants }: SimulatedStock) {
  const { ids, take, skip } = Chosen.parse(variables);
  const all = [...variants.values()];
  const found = query.includes('in: $ids') ? all.filter(({ id }) => ids!.includes(id)) : all;
  return { items: found.slice(skip, skip + take), totalItems: found.length };
}

function chosenOrders(variables: unknown, orders: SimulatedOrders): readonly SimulatedOrder[] {
  const { ids, after, take, skip } = Chosen.parse(variables);
  const found = [...orders.all.values()].filter(({ id, updatedAt }) =>
    ids === undefined ? updatedAt > after! : ids.includes(id),
  );
  return found.toSorted((a, b) => (a.updatedAt < b.updatedAt ? -1 : 1)).slice(skip, skip + take);
}
