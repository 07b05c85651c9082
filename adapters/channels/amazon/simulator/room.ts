// What the simulator's addresses share.
import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import type { Call } from '../../simulator/broken-answers.ts';
import type { CallKind } from '../../simulator/faults.ts';
import type { Misbehaving, SimulatorApp } from '../../simulator/misbehaving.ts';
import type { Feeds } from './feeds.ts';
import type { Listings } from './listings.ts';
import type { Operation } from './operations.ts';
import type { Orders } from './orders.ts';

export interface RoomOptions {
  readonly sellerId: string;
  readonly marketplaceId: string;
  /** Until an accepted patch is shown. */
  readonly applyMs: number;
  /** Until a feed is worked through. */
  readonly feedMs: number;
  /** A feed that is created now is never worked through. */
  stuckFeeds: boolean;
  /** A feed that is created now ends as FATAL. */
  fatalFeeds: boolean;
  readonly gzipReports: boolean;
  readonly ordersPerPage: number;
}

export interface Room {
  readonly app: SimulatorApp;
  readonly options: RoomOptions;
  readonly listings: Listings;
  readonly feeds: Feeds;
  readonly orders: Orders;
  readonly misbehaving: Misbehaving;
  readonly now: () => number;
  /** What every operation does first: it is written down, may misbehave, wants a token and keeps to its pace. */
  readonly before: (
    kind: CallKind | ((body: string) => CallKind),
    operation: Operation,
    skusOf?: (body: string, call: Call) => readonly string[],
  ) => [Middleware, Middleware, Middleware];
}

export type Middleware = MiddlewareHandler<{ Bindings: HttpBindings }>;
