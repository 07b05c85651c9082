// A proxy between us and another system that does to HTTP calls what networks do: loses requests, loses answers of what was
// done, holds answers back, or is not there at all.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** lost-before: the call never arrives · lost-after: it is done, the answer does not come back · held: no answer, ever. */
export type Fault = 'lost-before' | 'lost-after' | 'held';

export interface FaultProxy {
  readonly url: string;
  /** What becomes of the next call whose text has `part` in it; once. */
  next(part: string, fault: Fault): void;
  /** Nobody listens, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  readonly faults: number;
  close(): Promise<void>;
}

export async function faultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let planned: { readonly part: string; readonly fault: Fault } | undefined;
  let faults = 0;

  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    let doing: Fault | undefined;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (planned !== undefined && chunk.toString('latin1').includes(planned.part)) {
        doing = planned.fault;
        planned = undefined;
        faults += 1;
        if (doing === 'lost-before') {
          client.destroy();
          return;
        }
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (doing === 'lost-after') client.destroy();
      else if (doing === undefined) client.write(chunk);
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return {
    url: `http://127.0.0.1:${port}`,
    get faults() {
      return faults;
    },
    next(part, fault) {
      planned = { part, fault };
    },
    down: stop,
    up: () => listen(port),
    close: () => (server.listening ? stop() : Promise.resolve()),
  };
}
