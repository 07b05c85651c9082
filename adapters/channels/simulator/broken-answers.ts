// Answers that no HTTP framework sends by itself: cut off, reset, without an end. They need the socket, so the simulator
// must be served over one (`app.request` will not do).
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';

export type Call = Context<{ Bindings: HttpBindings }>;

const JSON_TYPE = { 'content-type': 'application/json' };
/** A caller has given up long before; then the connection is not held for ever. */
const HOLD_MS = 30_000;
const CHUNK = ' '.repeat(65_536);

export const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());

export function resetAnswer(call: Call): Response {
  const { socket } = call.env.incoming;
  // A socket without this method is one of HTTP/2; the simulators do not speak it.
  socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

/** Says how long it is, sends half and is gone. */
export async function halfAnswer(call: Call, whole: Response): Promise<Response> {
  const text = await whole.text();
  const { outgoing, incoming } = call.env;
  outgoing.writeHead(whole.status, { ...JSON_TYPE, 'content-length': String(Buffer.byteLength(text)) });
  outgoing.write(text.slice(0, text.length >> 1), () => incoming.socket.destroy());
  return RESPONSE_ALREADY_SENT;
}

/** Whoever called waits until they give up. */
export async function noAnswer(call: Call): Promise<Response> {
  const { socket } = call.env.incoming;
  await Promise.race([sleep(HOLD_MS), new Promise<void>((resolve) => void socket.once('close', resolve))]);
  socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** As much as the caller takes, without an end. */
export function endlessAnswer(call: Call): Response {
  const { outgoing } = call.env;
  outgoing.writeHead(200, JSON_TYPE);
  const write = (): void => {
    while (!outgoing.destroyed && outgoing.write(CHUNK));
    if (!outgoing.destroyed) outgoing.once('drain', write);
  };
  write();
  return RESPONSE_ALREADY_SENT;
}

export function invalidJson(): Response {
  return new Response('{"results": [<html>', { headers: JSON_TYPE });
}
