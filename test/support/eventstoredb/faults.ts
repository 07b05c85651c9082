// The faults a test can script into the EventStoreDB double. One-shot faults wait in a queue and each takes the next append;
// the others hold until `heal()`. Wire faults (reset, black hole) act on TCP, below gRPC, as in life.
import type { Wire } from './wire.ts';

export type AppendFault =
  /** Answers wrong expected version though the version is right, writing nothing. */
  | 'wrong-version'
  /** Cuts the TCP connection before, or after, the events are in the log. */
  | 'reset-before-commit'
  | 'reset-after-commit'
  /** Never answers, having written nothing, or everything. */
  | 'silent-before-commit'
  | 'silent-after-commit'
  /** Writes and answers success without a position. */
  | 'no-position'
  /** Writes nothing and says why not. */
  | 'busy'
  | 'not-ready'
  | 'no-leader-known'
  /** Writes, and says that the operation timed out. */
  | 'server-timeout';

/** A subscription that is open on the server. */
export interface LiveSubscription {
  stall(): void;
  drop(): void;
  end(): void;
  again(events: number): void;
}

export interface Faults {
  nextAppend(fault: AppendFault, times?: number): void;
  slowAppends(delayMs: number): void;
  /** Moves leadership to another node; the one before turns calls that require the leader away and names it. */
  moveLeader(node: number): void;
  /** Live subscriptions say nothing more, without a sign of it. New ones work. */
  stallSubscriptions(): void;
  /** Live subscriptions fail with UNAVAILABLE. */
  dropSubscriptions(): void;
  /** Live subscriptions end as if all were well. */
  endSubscriptions(): void;
  /** Live subscriptions get the last `events` events once more. */
  deliverAgain(events: number): void;
  /** The server ends the batch append streams cleanly. */
  endBatchStreams(): void;
  resetConnections(): void;
  /** Nothing passes on the connections that are open now; new ones work unless `newOnesToo`. */
  blackHole(newOnesToo?: boolean): void;
  /** Connections that are open stay, new ones are cut at once. */
  refuseConnections(): void;
  heal(): void;
}

/** What the scripted server looks at. */
export interface Script {
  readonly faults: Faults;
  readonly subscriptions: Set<LiveSubscription>;
  readonly batchStreams: Set<{ end(): void }>;
  /** Counted in as each event is written towards a client. */
  delivered: number;
  takeAppendFault(): AppendFault | undefined;
  appendDelayMs(): number;
  leader(): number;
}

export function createScript(wires: readonly Wire[]): Script {
  const queue: AppendFault[] = [];
  const subscriptions = new Set<LiveSubscription>();
  const batchStreams = new Set<{ end(): void }>();
  let delayMs = 0;
  let leader = 0;
  const each = (act: (subscription: LiveSubscription) => void) => {
    for (const subscription of [...subscriptions]) act(subscription);
  };

  const faults: Faults = {
    nextAppend: (fault, times = 1) => void queue.push(...Array.from({ length: times }, () => fault)),
    slowAppends: (ms) => {
      delayMs = ms;
    },
    moveLeader: (node) => {
      leader = node;
    },
    stallSubscriptions: () => each((subscription) => subscription.stall()),
    dropSubscriptions: () => each((subscription) => subscription.drop()),
    endSubscriptions: () => each((subscription) => subscription.end()),
    deliverAgain: (events) => each((subscription) => subscription.again(events)),
    endBatchStreams: () => {
      for (const stream of [...batchStreams]) stream.end();
    },
    resetConnections: () => {
      for (const wire of wires) wire.reset();
    },
    blackHole: (newOnesToo = false) => {
      for (const wire of wires) wire.blackHole(newOnesToo);
    },
    refuseConnections: () => {
      for (const wire of wires) wire.refuse();
    },
    heal: () => {
      queue.length = 0;
      delayMs = 0;
      for (const wire of wires) wire.heal();
    },
  };
  return {
    faults,
    subscriptions,
    batchStreams,
    delivered: 0,
    takeAppendFault: () => queue.shift(),
    appendDelayMs: () => delayMs,
    leader: () => leader,
  };
}
