// One address through several listening sockets. The event loop takes one new connection a turn from each (libuv since 1.47),
// and a turn under overload lasts tens of milliseconds: through one socket a load balancer that asks for the server's health
// would wait behind hundreds of others until it takes it for dead. The kernel spreads connections over them (SO_REUSEPORT).
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as Listener } from 'node:net';

export interface Address {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Doors {
  readonly address: AddressInfo;
  /** Takes no new connection; resolves when those of before are closed. */
  close(): Promise<void>;
}

/** Elsewhere than on Linux one, as ever: the option means something else there, or nothing. */
const DOORS = process.platform === 'linux' ? 64 : 1;

/** @throws Error such as EADDRINUSE, with the address in its message */
export async function openDoors(server: Server, { host, port }: Address, count = DOORS): Promise<Doors> {
  if (count === 1) return doorsOf([await open(server, { host, port })]);
  // Sockets that share a port share it with those of any other process: whether it is free must be asked without.
  if (port !== 0) await closed(await open(createServer(), { host, port }));
  const first = await open(server, { host, port, reusePort: true });
  const doors: Listener[] = [first];
  const shared = { host, port: (first.address() as AddressInfo).port, reusePort: true };
  for (let n = 1; n < count; n += 1) {
    // As Node's HTTP server sets its own.
    const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
    doors.push(await open(door, shared));
  }
  return doorsOf(doors);
}

function doorsOf(listeners: readonly Listener[]): Doors {
  return {
    address: listeners[0]!.address() as AddressInfo,
    close: async () => void (await Promise.all(listeners.map(closed))),
  };
}

function open<L extends Listener>(listener: L, options: Address & { readonly reusePort?: boolean }): Promise<L> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options, () => {
      listener.off('error', reject);
      resolve(listener);
    });
  });
}

const closed = (listener: Listener) => new Promise<void>((resolve) => listener.close(() => resolve()));
