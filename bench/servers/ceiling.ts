// The ceiling: Hono reads the same body, parses its JSON and gives the same reply, with nothing behind it.
// A process of its own; says its port over IPC.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const JSON_HEADERS = { headers: { 'content-type': 'application/json' } };
const app = new Hono();
let position = 0;

app.post('/v1/commands', async (c) => {
  const { id, sku, location } = (await c.req.json()) as { id: string; sku: string; location: string };
  position += 1;
  return new Response(
    `{"commandId":"${id}","outcome":"accepted","duplicate":false,"event":"UnitsSold","revision":${position},` +
      `"position":"${position}","stock":{"sku":"${sku}","location":"${location}","onHand":${position},"reserved":0,` +
      `"quarantined":0,"inTransitIn":0,"inTransitOut":0,"available":${position}}}`,
    JSON_HEADERS,
  );
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.({ port }));
process.on('disconnect', () => {
  server.close();
  process.exit(0);
});
