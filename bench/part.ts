// A part of the benchmark: measures a few figures in a process of its own, so that no part inherits another's heap or
// compiled code. Sizes are one of three sets: `full` for the record, `quick` for a look, `tiny` for the smoke test.
import type { Figure } from './figure.ts';

export interface Sizes {
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly windows: number;
  /** Stocks of the wide runs: at random, one command each. */
  readonly wideStocks: number;
  readonly connections: number;
  readonly batchCommands: number;
  readonly batchConnections: number;
  /** One Evenstock for all loads instead of one for each: quicker to start, not for the record. */
  readonly isServerShared: boolean;
  /** Stocks where a figure is said to hold "at 1 million SKU-locations". */
  readonly manyStocks: number;
  /** Stocks from which to which the cost of a command must be flat. */
  readonly scaleStocks: readonly number[];
  /** Events in a stream from which to which the cost of a command must be flat. */
  readonly streamEvents: readonly number[];
  /** Commands measured at each length of stream. */
  readonly streamCommands: number;
  readonly residentActors: number;
  /** Orders and holds that are open where a cost is said to hold with very many of them. */
  readonly openOrders: number;
  /** Commands of one sample of the parts that count calls rather than time. */
  readonly calls: number;
  /** Lines of a till's upload. */
  readonly uploadLines: number;
  /** SKUs that each of five channels shows. */
  readonly publishedSkus: number;
  /** Changes that a channel has not been told of when a stock-out comes. */
  readonly backlog: number;
  /** How long an idle server is watched. */
  readonly idleMs: number;
}

export const SIZES = {
  full: {
    warmUpMs: 3_000,
    windowMs: 4_000,
    windows: 3,
    wideStocks: 100_000,
    connections: 64,
    batchCommands: 500,
    batchConnections: 8,
    isServerShared: false,
    manyStocks: 1_000_000,
    scaleStocks: [1_000, 10_000, 100_000, 1_000_000],
    streamEvents: [10, 1_000, 100_000],
    streamCommands: 100_000,
    residentActors: 10_000,
    openOrders: 100_000,
    calls: 200_000,
    uploadLines: 10_000,
    publishedSkus: 40_000,
    backlog: 100_000,
    idleMs: 60_000,
  },
  quick: {
    warmUpMs: 1_000,
    windowMs: 1_000,
    windows: 3,
    wideStocks: 20_000,
    connections: 64,
    batchCommands: 500,
    batchConnections: 8,
    isServerShared: false,
    manyStocks: 100_000,
    scaleStocks: [1_000, 100_000],
    streamEvents: [10, 1_000, 10_000],
    streamCommands: 20_000,
    residentActors: 2_000,
    openOrders: 100_000,
    calls: 50_000,
    uploadLines: 5_000,
    publishedSkus: 4_000,
    backlog: 20_000,
    idleMs: 10_000,
  },
  tiny: {
    warmUpMs: 50,
    windowMs: 100,
    windows: 1,
    wideStocks: 50,
    connections: 4,
    batchCommands: 20,
    batchConnections: 2,
    isServerShared: true,
    manyStocks: 200,
    scaleStocks: [10, 100],
    streamEvents: [2, 20],
    streamCommands: 100,
    residentActors: 100,
    openOrders: 50,
    calls: 200,
    uploadLines: 60,
    publishedSkus: 60,
    backlog: 200,
    idleMs: 300,
  },
} as const satisfies Record<string, Sizes>;
export type Mode = keyof typeof SIZES;

export interface Room {
  readonly sizes: Sizes;
  /** An empty folder, on the disk that is measured; removed afterwards. */
  readonly directory: string;
  /** A line for stderr. */
  progress(text: string): void;
}

/** Figures and what could not be measured beside them; or why there is nothing at all, and what to do about it. */
export type Measured =
  | readonly Figure[]
  | { readonly figures: readonly Figure[]; readonly missing: readonly string[] }
  | { readonly skipped: string };

export interface Part {
  readonly name: string;
  readonly title: string;
  /** Runs only when it is named. */
  readonly isOnRequest?: boolean;
  run(room: Room): Promise<Measured>;
}
