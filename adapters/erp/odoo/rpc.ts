// Calls to an Odoo server by its external API (JSON-RPC, `execute_kw`). Each call is one transaction there: a fault means that
// nothing was done. Odoo repeats transactions that met each other by itself; what is left of them may be tried again.
import { z } from 'zod';
import { postRpc, type RpcTrouble, rpcBody } from '../json-rpc.ts';

export interface OdooAccess {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  /** A password or an API key. */
  readonly password: string;
  readonly now: () => number;
}

export type OdooTrouble =
  /** Nothing was done. `name`: the exception's, such as odoo.exceptions.UserError. */
  { readonly kind: 'fault'; readonly name: string; readonly message: string } | RpcTrouble;
export type OdooReply = { readonly kind: 'result'; readonly value: unknown } | OdooTrouble;

export interface Odoo {
  call(
    model: string,
    method: string,
    args: readonly unknown[],
    keywords: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<OdooReply>;
  uid(signal: AbortSignal): Promise<number | OdooTrouble>;
}

const Body = z.object({
  result: z.unknown().optional(),
  error: z
    .object({
      message: z.string().optional(),
      data: z.object({ name: z.string(), message: z.string() }).partial().optional(),
    })
    .optional(),
});
const BUSY = /SerializationFailure|LockNotAvailable|DeadlockDetected|OperationalError|PoolError/;
const DENIED = /AccessDenied|AccessError|SessionExpired/;

export function createOdoo(access: OdooAccess): Odoo {
  const { database, user, password } = access;
  let known: number | undefined;
  const uid = async (signal: AbortSignal): Promise<number | OdooTrouble> => {
    if (known !== undefined) return known;
    const reply = await send(access, 'common', 'authenticate', [database, user, password, {}], signal);
    if (reply.kind === 'unknown') return { kind: 'retryLater', reason: reply.reason };
    if (reply.kind === 'fault') return { kind: 'denied', reason: `${reply.name}: ${reply.message}` };
    if (reply.kind !== 'result') return reply;
    if (typeof reply.value !== 'number') return { kind: 'denied', reason: 'AccessDenied: user or password is wrong' };
    known = reply.value;
    return known;
  };
  return {
    uid,
    async call(model, method, args, keywords, signal) {
      const id = await uid(signal);
      if (typeof id !== 'number') return id;
      return send(access, 'object', 'execute_kw', [database, id, password, model, method, args, keywords], signal);
    },
  };
}

async function send(
  { url, now }: OdooAccess,
  service: 'common' | 'object',
  method: string,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<OdooReply> {
  const call = { jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } };
  const answer = await postRpc(`${url.replace(/\/*$/, '')}/jsonrpc`, call, signal);
  if ('kind' in answer) return answer;
  const read = rpcBody(answer, Body, now());
  return read.kind === 'body' ? replyOf(read.body) : read;
}

function replyOf({ error, result }: z.infer<typeof Body>): OdooReply {
  if (error === undefined) return { kind: 'result', value: result };
  const name = error.data?.name ?? 'Odoo Server Error';
  const message = error.data?.message ?? error.message ?? '';
  if (BUSY.test(name)) return { kind: 'retryLater', reason: name };
  if (DENIED.test(name)) return { kind: 'denied', reason: `${name}: ${message}` };
  return { kind: 'fault', name, message };
}

/** Rows of another shape than agreed are left out. */
export function rowsOf<T>(value: unknown, row: z.ZodType<T>): readonly T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    const parsed = row.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}
