// PostgreSQL behind the same HTTP server, body and reply as Evenstock: `POST /v1/commands` and `/v1/commands/batch`.
// A process of its own; says its port over IPC. Arguments: socket folder, transaction | statement.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { StockCommand } from '../../domain/stock/commands.ts';
import { createPool, POOL_CONNECTIONS } from './pool.ts';
import { type Outcome, setStatement, singleStatement, type TakesOne, transaction } from './statements.ts';

const [host, variant] = process.argv.slice(2);
const pool = createPool({
  host: host!,
  user: 'bench',
  database: 'postgres',
  max: POOL_CONNECTIONS,
  idleTimeoutMillis: 0,
});
const execute = variant === 'transaction' ? transaction : singleStatement;
const JSON_HEADERS = { headers: { 'content-type': 'application/json' } };

const app = new Hono();

app.post('/v1/commands', async (c) => {
  const text = await c.req.text();
  const command = takesOne(JSON.parse(text));
  return new Response(replyText(command, await execute(pool, command, text)), JSON_HEADERS);
});

app.post('/v1/commands/batch', async (c) => {
  const values = (await c.req.json()) as unknown[];
  const commands = values.map(takesOne);
  const taken = await setStatement(
    pool,
    commands,
    values.map((value) => JSON.stringify(value)),
  );
  return new Response(`{"accepted":${taken}}`, JSON_HEADERS);
});

/** Validates as Evenstock does, with the same schema. */
function takesOne(value: unknown): TakesOne {
  const command = StockCommand.parse(value);
  if (command.type !== 'sale' && command.type !== 'reservation.make')
    throw new TypeError(`${command.type} is not here`);
  return command;
}

/** The shape of Evenstock's reply. */
function replyText(command: TakesOne, outcome: Outcome): string {
  if (outcome.outcome === 'refused') return `{"commandId":"${command.id}","outcome":"refused"}`;
  const { row, position, duplicate } = outcome;
  return (
    `{"commandId":"${command.id}","outcome":"accepted","duplicate":${duplicate},` +
    `"event":"${command.type === 'sale' ? 'UnitsSold' : 'ReservationMade'}",` +
    `"revision":${row.version},"position":"${position}",` +
    `"stock":{"sku":"${command.sku}","location":"${command.location}","onHand":${row.on_hand},` +
    `"reserved":${row.reserved},"quarantined":0,"inTransitIn":0,"inTransitOut":0,` +
    `"available":${Number(row.on_hand) - Number(row.reserved)}}}`
  );
}

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.({ port }));
process.on('disconnect', () => {
  server.close();
  process.exit(0);
});
