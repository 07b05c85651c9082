// A receiver of Evenstock's webhooks: `CRM_SECRET=whsec_… node docs/examples/webhook-receiver.ts 9000`. It verifies each message
// by the library of Standard Webhooks, drops repeats by their id, and answers when it has kept the event.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

interface FeedEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
}

const verifier = new Webhook(process.env['CRM_SECRET'] ?? '');
// In a database of yours, written together with what the event changes.
const seen = new Set<string>();

const server = createServer(async (request, response) => {
  const body = await text(request);
  try {
    const event = verifier.verify(body, request.headers as Record<string, string>) as FeedEvent;
    console.log(seen.has(event.id) ? 'again' : 'new', event.stream, event.revision, event.type);
    seen.add(event.id);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
});
server.listen(Number(process.argv[2] ?? 9000), '127.0.0.1', () => console.log('waiting'));
