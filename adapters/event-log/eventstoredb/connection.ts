// The client and its replacement. One client at a time serves all calls; when a call passes its deadline the client is
// suspected of a dead connection (a black hole shows itself only after 20 s of keepalive) and the next call gets a new one.
//
// Three things of client 6.2.1 are corrected here, on the instance, each for a fault seen (docs/decisions/0004-eventstoredb.md):
// appends go one unary call each instead of over the shared batch stream; a failed reconnection is not an unhandled rejection;
// a failed channel is closed a turn later, so that an append about to start on it fails instead of never settling.
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';

export interface Connection {
  /** For every call: after this long without an answer it fails. */
  readonly deadlineMs: number;
  client(): EventStoreDBClient;
  /** A call on `client` passed its deadline: later calls use a fresh connection, calls under way keep theirs. */
  suspect(client: EventStoreDBClient): void;
  close(): Promise<void>;
}

/** Protected members of the client that are used; the version is pinned, and the fault tests notice if they go. */
interface ClientInternals {
  supports: (...feature: unknown[]) => Promise<boolean>;
  handleError: (grpcClient: unknown, error: Error) => Promise<void>;
  getChannel: () => Promise<Channel>;
}
interface Channel {
  close(): void;
}
const internals = (client: EventStoreDBClient) => client as unknown as ClientInternals;

/** The channel a client opened last: asking the client for it would make one, and in a cluster go discovering for it. */
const channels = new WeakMap<EventStoreDBClient, Promise<Channel>>();

const KEEP_ALIVE_MS = 10_000;
const CLOSE_MS_MAX = 2_000;
const GENERATIONS_MAX = 1_000;
const KEEP_ALIVE = /([?&]keep[-_]?alive[-_]?interval=)(-?\d+)/i;

export function connect(connectionString: string, deadlineMs: number): Connection {
  let generation = 0;
  let current = open(connectionString, generation);

  return {
    deadlineMs,
    client: () => current,
    suspect(client) {
      if (client !== current) return;
      generation += 1;
      current = open(connectionString, generation);
      void release(client);
    },
    async close() {
      const disposed = new AbortController();
      const bound = delay(CLOSE_MS_MAX, undefined, { signal: disposed.signal }).catch(() => undefined);
      await Promise.race([current.dispose(), bound]);
      disposed.abort();
      void release(current); // not awaited: discovery may still be looking for a node
    },
  };
}

function open(connectionString: string, generation: number): EventStoreDBClient {
  const client = parse(ofGeneration(connectionString, generation));
  const inside = internals(client);
  const reconnect = inside.handleError;
  const getChannel = inside.getChannel;
  inside.getChannel = () => {
    const channel = getChannel();
    channels.set(client, channel);
    return channel;
  };
  inside.supports = async () => false;
  inside.handleError = async (grpcClient, error) => {
    await nextTurn();
    await reconnect(grpcClient, error).catch(() => undefined);
  };
  return client;
}

function parse(connectionString: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(connectionString);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the EventStoreDB connection string cannot be used: ${why} (expected esdb://host:2113?tls=…)`);
  }
}

/**
 * grpc-js shares a TCP connection between channels with equal options, so a fresh client would get the suspected connection
 * back. A keepalive interval that differs by a millisecond makes it a connection of its own. A wrong version must always be
 * thrown: with `throwOnAppendFailure=false` the client answers it as a value.
 */
export function ofGeneration(connectionString: string, generation: number): string {
  const later = generation % GENERATIONS_MAX;
  const given = KEEP_ALIVE.exec(connectionString);
  const interval = given === null ? KEEP_ALIVE_MS : Number(given[2]);
  const distinct = interval < 0 ? interval : interval + later;
  const base = given === null ? connectionString : connectionString.replace(KEEP_ALIVE, `$1${distinct}`);
  const first = base.includes('?') ? '&' : '?';
  const own = given === null ? `keepAliveInterval=${distinct}&` : '';
  return `${base}${first}${own}throwOnAppendFailure=true`;
}

async function release(client: EventStoreDBClient): Promise<void> {
  const channel = await channels.get(client)?.catch(() => undefined);
  await nextTurn(); // an append that took this channel in the same turn must have started on it
  channel?.close();
}
