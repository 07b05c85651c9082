// Amazon, simulated: Login with Amazon, Listings Items, Feeds, Orders and External Fulfillment Inventory, as far as stock
// goes. It keeps to Amazon's models (test/adapters/channels/amazon/models.test.ts holds it to them), has its usage plans, and
// misbehaves on request. Knows nothing of Evenstock's inside.
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import {
  addAdministration,
  createMisbehaving,
  type Misbehaving,
  type MisbehavingOptions,
} from '../../simulator/misbehaving.ts';
import type { RateLimit } from '../../simulator/rate-limit.ts';
import { amazonDialect } from './dialect.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { addFeeds, workThrough } from './feeds-routes.ts';
import { addInventory } from './inventory-routes.ts';
import { createListings, type Listings } from './listings.ts';
import { addListings } from './listings-routes.ts';
import { createPaces, type Operation, type Paces } from './operations.ts';
import { createOrders, type Order, type Orders } from './orders.ts';
import { addOrders } from './orders-routes.ts';
import type { Room, RoomOptions } from './room.ts';
import { addShop } from './shop.ts';
import { type Credentials, createTokenDesk, type TokenDesk } from './tokens.ts';

export interface AmazonSimulatorOptions extends Partial<RoomOptions>, MisbehavingOptions {
  readonly credentials: Credentials;
  /** How much faster than its usage plans it is; default: not limited. */
  readonly speed?: number;
  /** Other usage plans than Amazon's. */
  readonly plans?: Partial<Readonly<Record<Operation, RateLimit>>>;
  readonly now?: () => number;
  /** An order was placed, shipped or cancelled: the place for a notification. */
  readonly onOrder?: (order: Order) => void;
}

export interface AmazonSimulator {
  readonly app: Hono<{ Bindings: HttpBindings }>;
  readonly listings: Listings;
  readonly feeds: Feeds;
  readonly orders: Orders;
  readonly tokens: TokenDesk;
  readonly paces: Paces;
  readonly misbehaving: Misbehaving;
  readonly options: RoomOptions;
  /** A buyer orders what is shown. Undefined: not that many are. */
  buy(sku: string, quantity: number): Order | undefined;
}

export const SIMULATED_SELLER = { sellerId: 'A3TH9S8BH6GOGM', marketplaceId: 'A1PA6795UKMFR9' } as const;

export function createAmazonSimulator(given: AmazonSimulatorOptions): AmazonSimulator {
  const { credentials, speed, plans, onOrder, now = Date.now, faults, limits, pacedBy, random, ...own } = given;
  const app = new Hono<{ Bindings: HttpBindings }>();
  const options: RoomOptions = {
    ...{ applyMs: 0, feedMs: 0, stuckFeeds: false, fatalFeeds: false, gzipReports: true, ordersPerPage: 100 },
    ...SIMULATED_SELLER,
    ...own,
  };
  const misbehaving = createMisbehaving(amazonDialect, { faults, limits, pacedBy, random });
  const tokens = createTokenDesk(credentials, now);
  const paces = createPaces(speed ?? Number.POSITIVE_INFINITY, plans, pacedBy);
  const listings = createListings(now, () => void feeds.all());
  const orders = createOrders(now, onOrder);
  const feeds: Feeds = createFeeds(now, (feed, at) => workThrough(feed, at, room));
  const room: Room = {
    ...{ app, options, listings, feeds, orders, misbehaving, now },
    before: (kind, operation, skusOf) => [
      misbehaving.guard(
        typeof kind === 'function'
          ? (body) => ({ kind: kind(body), ...(skusOf && { skusOf }) })
          : { kind, ...(skusOf && { skusOf }) },
      ),
      async (call, next) => {
        if (tokens.isValid(call.req.header('x-amz-access-token'))) return next();
        return amazonDialect.refuse(call, 'unauthenticated', {});
      },
      paces.of(operation),
    ],
  };
  app.post('/auth/o2/token', misbehaving.guard({ kind: 'token' }), tokens.grant);
  addListings(room);
  addFeeds(room);
  addOrders(room);
  addInventory(room);
  addAdministration(app, misbehaving);
  const buy = (sku: string, quantity: number) =>
    listings.take(sku, quantity) ? orders.place([{ sku, quantity }]) : undefined;
  addShop(room, buy);
  return { app, listings, feeds, orders, tokens, paces, misbehaving, options, buy };
}
