// Room for so many connections, and some more to say so. Who comes when it is full is told 503 and when to come again, and
// the connection closes; a load balancer still hears that the server is alive. Only beyond that is a connection cut unheard.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Problem, problem, retryAfterSeconds } from './problems.ts';

export interface ConnectionRoom {
  /** A connection was accepted; it is cut when there are too many even to be told. */
  entered(socket: Socket): void;
  /** True: there is room for it, or it asks for what is always answered. Else it has been answered. */
  admits(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
}

/** Asked over a connection of their own, by whoever would take a server that does not answer for dead. */
const ALWAYS_ANSWERED: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);
const TOLD_MIN = 64;
const RETRY_AFTER_MS = 1_000;

export function createConnectionRoom(connectionsMax: number): ConnectionRoom {
  const acceptedMax = connectionsMax + Math.max(TOLD_MIN, Math.ceil(connectionsMax / 4));
  const inside = new Set<Socket>();
  let accepted = 0;
  const admit = (socket: Socket) => {
    if (inside.has(socket)) return true;
    if (inside.size >= connectionsMax) return false;
    inside.add(socket);
    socket.once('close', () => inside.delete(socket));
    return true;
  };
  return {
    entered(socket) {
      if (accepted >= acceptedMax) return void socket.destroy();
      accepted += 1;
      socket.once('close', () => {
        accepted -= 1;
      });
      admit(socket);
    },
    admits(incoming, outgoing) {
      // There may be room by now.
      if (admit(incoming.socket)) return true;
      outgoing.shouldKeepAlive = false;
      if (ALWAYS_ANSWERED.has(incoming.url)) return true;
      turnAway(incoming, outgoing, problem('overloaded', 'Too many connections are open', FULL));
      return false;
    },
  };
}
const FULL = { retryAfterMs: RETRY_AFTER_MS } as const;

/** Once its body has come: a connection that closes before takes its answer away from a sender that still writes. */
function turnAway(incoming: IncomingMessage, outgoing: ServerResponse, answer: Problem): void {
  incoming.once('end', () => {
    const retryAfter = retryAfterSeconds(RETRY_AFTER_MS);
    outgoing.writeHead(answer.status, { 'content-type': 'application/problem+json', 'retry-after': retryAfter });
    outgoing.end(JSON.stringify(answer));
  });
  incoming.on('error', () => {}).resume();
}
