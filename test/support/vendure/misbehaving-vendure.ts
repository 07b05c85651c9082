// A real Vendure behind a proxy that misbehaves: every call that is let through is answered by Vendure itself. So the
// contract of channel adapters, faults and all, can run against the real one.
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { createMisbehaving, type Misbehaving } from '../../../adapters/channels/simulator/misbehaving.ts';
import { type ServedSimulator, serveSimulator } from '../../../adapters/channels/simulator/serve.ts';
import { kindOf } from '../../../adapters/channels/vendure/simulator/app.ts';
import { errors, vendureDialect } from '../../../adapters/channels/vendure/simulator/dialect.ts';

export interface MisbehavingVendure extends ServedSimulator {
  readonly misbehaving: Misbehaving;
  /** Session tokens that Vendure gave. */
  readonly sessions: readonly string[];
  /** What buyers could have after the last write that Vendure answered, by variant. */
  readonly sellable: Map<string, number>;
}

const Level = z.object({ stockOnHand: z.int(), stockAllocated: z.int() });
const Written = z.object({
  data: z.object({ updateProductVariants: z.array(z.object({ id: z.string(), stockLevels: z.array(Level) })) }),
});
const Asked = z.object({ variables: z.object({ input: z.array(z.object({ id: z.string() })) }) });

export async function startMisbehavingVendure(url: string): Promise<MisbehavingVendure> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const misbehaving = createMisbehaving(vendureDialect);
  const sessions: string[] = [];
  const sellable = new Map<string, number>();
  const idsIn = (body: string) => Asked.parse(JSON.parse(body)).variables.input.map(({ id }) => id);
  app.post(
    '/admin-api',
    misbehaving.guard((body) => {
      const kind = kindOf(body) ?? 'read';
      return { kind, skusOf: () => (kind === 'publish' ? idsIn(body) : []) };
    }),
    async (call) => {
      const body = await call.req.text();
      if (kindOf(body) === 'publish' && idsIn(body).some((id) => misbehaving.faults.refusedSkus.includes(id))) {
        return errors(call, 'the shop does not want it', 'USER_INPUT_ERROR', ['updateProductVariants']);
      }
      const authorization = call.req.header('authorization');
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
      const answer = await fetch(`${url}/admin-api`, { method: 'POST', headers, body });
      const text = await answer.text();
      const token = answer.headers.get('vendure-auth-token');
      if (token) sessions.push(token);
      for (const { id, stockLevels } of Written.safeParse(parsed(text)).data?.data.updateProductVariants ?? []) {
        sellable.set(id, stockLevels[0]!.stockOnHand - stockLevels[0]!.stockAllocated);
      }
      const passed = { 'content-type': 'application/json', ...(token && { 'vendure-auth-token': token }) };
      return new Response(text, { status: answer.status, headers: passed });
    },
  );
  const served = await serveSimulator(app);
  return { ...served, misbehaving, sessions, sellable };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
