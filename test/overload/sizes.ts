// How large a run is. The short one, for CI, has a small room so that also a slow machine is over it.

export interface Sizes {
  readonly skus: number;
  /** Connections that the server has room for. */
  readonly room: number;
  /** So many times what it took when nobody was turned away. */
  readonly times: number;
  readonly batchLines: number;
  readonly hotBatchLines: number;
  readonly tillLines: number;
  /** Of a batch whose answer nobody reads. */
  readonly unreadLines: number;
  readonly tills: number;
  /** How long an order holds what nobody pays. */
  readonly holdMs: number;
  /** How long the crowd is calm, so that the rate is known. */
  readonly calmMs: number;
  readonly overloadMs: number;
  /** Of overload before the server is told to stop, and before it is killed. */
  readonly againMs: number;
  /** What becomes of it after the load must be over by then. */
  readonly drainMsMax: number;
}

export function fullSizes(minutes: number): Sizes {
  return {
    ...{
      skus: 5_000,
      room: 512,
      times: 3,
      batchLines: 100,
      hotBatchLines: 500,
      tillLines: 300,
      unreadLines: 5_000,
      tills: 48,
      holdMs: 60_000,
    },
    ...{ calmMs: 60_000, overloadMs: minutes * 60_000, againMs: 15_000, drainMsMax: 600_000 },
  };
}

export const SHORT_SIZES: Sizes = {
  ...{
    skus: 300,
    room: 64,
    times: 3,
    batchLines: 50,
    hotBatchLines: 500,
    tillLines: 100,
    unreadLines: 500,
    tills: 20,
    holdMs: 15_000,
  },
  ...{ calmMs: 4_000, overloadMs: 12_000, againMs: 2_000, drainMsMax: 120_000 },
};
