// A TCP relay in front of one node, for the faults gRPC cannot make: a reset, a black hole, a port that refuses. It also keeps
// the node's port while the server behind it is stopped and started again.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Wire {
  readonly port: number;
  /** How many connections were ever accepted. */
  readonly accepted: number;
  open(targetPort: number): Promise<void>;
  /** Connections are refused from now on, those that are open are reset. */
  shut(): Promise<void>;
  reset(): void;
  blackHole(newOnesToo: boolean): void;
  /** New connections are cut at once. */
  refuse(): void;
  heal(): void;
}

const HOST = '127.0.0.1';

export function createWire(): Wire {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  let accepted = 0;
  let swallowNew = false;
  let refuseNew = false;

  const relay = (client: Socket, targetPort: number) => {
    if (refuseNew) return void client.resetAndDestroy();
    accepted += 1;
    const upstream = connect(targetPort, HOST);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => to.write(bytes));
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
    if (swallowNew) swallow(client, upstream);
  };
  const swallow = (...swallowed: readonly Socket[]) => {
    for (const socket of swallowed) socket.removeAllListeners('data').pause();
  };
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };

  return {
    get port() {
      return port;
    },
    get accepted() {
      return accepted;
    },
    open: (targetPort) =>
      new Promise((resolve, reject) => {
        server = createServer((client) => relay(client, targetPort));
        server.once('error', reject);
        server.listen(port, HOST, () => {
          const address = server?.address();
          if (typeof address === 'object' && address !== null) port = address.port;
          resolve();
        });
      }),
    shut: () =>
      new Promise((resolve) => {
        server?.close(() => resolve());
        reset();
      }),
    reset,
    blackHole(newOnesToo) {
      swallowNew = newOnesToo;
      swallow(...sockets);
    },
    refuse() {
      refuseNew = true;
    },
    heal() {
      swallowNew = false;
      refuseNew = false;
    },
  };
}
