// The connections of one group of clients: opened as they are needed, up to a number, kept while the server keeps them.
import { type Connection, openConnection, type Reply, type Silence } from './connection.ts';
import type { Tally } from './tally.ts';

export interface Pool {
  /** False: none is free, and nothing was sent. */
  ask(request: string, done: (reply: Reply | Silence) => void): boolean;
  /** Sends, or begins to, and hangs up. */
  abandon(request: string): void;
  close(): void;
}

export interface PoolOptions {
  readonly port: number;
  readonly connectionsMax: number;
  readonly patienceMs: number;
  readonly tally: Tally;
}

export function createPool({ port, connectionsMax, patienceMs, tally }: PoolOptions): Pool {
  const idle: Connection[] = [];
  const all = new Set<Connection>();

  const take = (): Connection | undefined => {
    for (let one = idle.pop(); one !== undefined; one = idle.pop()) {
      if (one.isOpen) return one;
      forget(one);
    }
    if (all.size >= connectionsMax) return undefined;
    const opened = openConnection(port, patienceMs);
    all.add(opened);
    tally.connection(1);
    return opened;
  };
  const forget = (connection: Connection) => {
    if (all.delete(connection)) tally.connection(-1);
  };
  return {
    ask(request, done) {
      const connection = take();
      if (connection === undefined) return false;
      connection.ask(request, (reply) => {
        if (connection.isOpen) idle.push(connection);
        else forget(connection);
        done(reply);
      });
      return true;
    },
    abandon(request) {
      const connection = take();
      if (connection === undefined) return;
      connection.abandon(request);
      forget(connection);
    },
    close() {
      for (const connection of [...all]) {
        connection.close();
        forget(connection);
      }
      idle.length = 0;
    },
  };
}
