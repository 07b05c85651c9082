// Listens, and stops listening. Promise: `close` takes no new connection, lets what is in flight finish, and is done
// within its deadline whatever the clients do. What cannot be parsed as HTTP is answered with a problem too.
import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createConnectionRoom } from './connection-room.ts';
import { type Doors, openDoors } from './doors.ts';
import { type ProblemName, problem, problemResponse } from './problems.ts';
import type { ApiApp } from './routes/api.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly connectionsMax: number;
  /** How long a connection may take nothing of an answer that waits for it, ms. */
  readonly unreadMsMax?: number;
}

export interface HttpServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, waits for requests in flight at most `ms`, then cuts the rest. Feeds end by the app's `stopping`. */
  close(ms: number): Promise<void>;
}

/** Time a client has to send its headers, and its whole request. Slower ones are cut (slow-loris). */
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 60_000;
/** Longer than load balancers keep theirs (60 s), so that they never write into a closing connection. */
const KEEP_ALIVE_MS = 65_000;
const IDLE_SWEEP_MS = 50;
/** Whoever reads hears of a feed every 15 s, of a batch with each piece: a reader that takes nothing for so long is gone. */
const UNREAD_MS_MAX = 120_000;

/** @throws Error such as EADDRINUSE, with the address in its message */
export async function listen(app: Pick<ApiApp, 'fetch'>, options: ServeOptions): Promise<HttpServer> {
  const listener = getRequestListener(app.fetch, {
    // A target or Host header that is no URL, before any route: 400, never 500.
    errorHandler: () => problemResponse(problem('malformed-request', 'The request target or Host header is not valid')),
  });
  const room = createConnectionRoom(options.connectionsMax);
  const server = createServer(
    {
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
    },
    (incoming, outgoing) => {
      if (room.admits(incoming, outgoing)) void listener(incoming, outgoing);
    },
  );
  server.on('connection', room.entered);
  // Cuts a connection over which nothing came or went: what it holds, such as the place of a batch, is free again.
  server.setTimeout(options.unreadMsMax ?? UNREAD_MS_MAX);
  server.on('clientError', (error, socket) => answerMalformed(error, socket as Socket));
  const doors = await openDoors(server, options);
  const { port, address, family } = doors.address;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  return { url, port, close: (ms) => close(server, doors, ms) };
}

async function close(server: Server, doors: Doors, ms: number): Promise<void> {
  // A connection that finishes its request keeps alive: it is closed at the next sweep.
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), ms);
  server.closeIdleConnections();
  await doors.close();
  clearInterval(sweep);
  clearTimeout(deadline);
}

/** Bytes that are no HTTP, headers that are too large or too slow. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = problem(MALFORMED[error.code ?? ''] ?? 'malformed-request', 'The connection is closed');
  const body = JSON.stringify(answer);
  socket.end(
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\nConnection: close\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const MALFORMED: Readonly<Record<string, ProblemName>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};
