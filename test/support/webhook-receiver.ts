// A receiver of webhooks on this machine that misbehaves on demand, and keeps what it took: what verifies by the library's
// own verifier, in the order of arrival.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { canarySecret } from './canary.ts';

export const WEBHOOK_SECRET = `whsec_${Buffer.from(canarySecret('out')).toString('base64')}`;

export interface Taken {
  readonly id: string;
  readonly event: {
    readonly id: string;
    readonly stream: string;
    readonly revision: number;
    readonly position: string;
  };
}

/** undefined: 204. `lost`: it takes the message, and the answer never arrives. `silent`: it never answers. */
export type Manner =
  | number
  | 'lost'
  | 'reset'
  | 'silent'
  | { readonly status: number; readonly headers: Record<string, string> };

export interface Receiver {
  readonly url: string;
  readonly taken: Taken[];
  /** Of all calls, also of those not taken. */
  readonly calls: string[];
  /** Of all calls, the trace context that came with it. */
  readonly traceparents: (string | undefined)[];
  /** Signatures that did not verify. */
  readonly unverified: string[];
  manner: (call: number, id: string) => Manner | undefined | Promise<Manner | undefined>;
  close(): Promise<void>;
}

export async function openReceiver(secret = WEBHOOK_SECRET): Promise<Receiver> {
  const verifier = new Webhook(secret);
  const server = createServer((request, response) => {
    void text(request).then((body) => answer(String(request.headers['webhook-id']), body, request.headers, response));
  });
  const answer = async (
    id: string,
    body: string,
    headers: NodeJS.Dict<string | string[]>,
    response: ServerResponse,
  ) => {
    receiver.calls.push(id);
    receiver.traceparents.push(headers['traceparent'] as string | undefined);
    const manner = (await receiver.manner(receiver.calls.length, id)) ?? 204;
    if (manner === 'silent') return;
    if (manner === 'reset') return void response.destroy();
    const status = typeof manner === 'object' ? manner.status : manner === 'lost' ? 204 : manner;
    if (status < 300) {
      try {
        const event = verifier.verify(body, headers as Record<string, string>) as Taken['event'];
        receiver.taken.push({ id, event });
      } catch (error) {
        receiver.unverified.push(String(error));
      }
    }
    if (manner === 'lost') return void response.destroy();
    response.writeHead(status, typeof manner === 'object' ? manner.headers : {}).end();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    taken: [],
    calls: [],
    traceparents: [],
    unverified: [],
    manner: () => undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
