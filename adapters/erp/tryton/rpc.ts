// Calls to a Tryton server: JSON-RPC with a session. An answer is a result, a fault with Tryton's own name (then the
// transaction was rolled back and nothing was done), or a reason to try again. A call whose answer was lost is `unknown`.
// Warnings that policy allows are acknowledged, as a person would at the screen, and the call is made again.
import { z } from 'zod';
import { postRpc, type RpcTrouble, rpcBody } from '../json-rpc.ts';

export interface TrytonAccess {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Names of warnings that may be acknowledged; * stands for anything. */
  readonly warnings: readonly string[];
  readonly now: () => number;
}

export type RpcReply =
  | { readonly kind: 'result'; readonly value: unknown }
  /** Nothing was done. `name`: Tryton's, such as UserError. */
  | { readonly kind: 'fault'; readonly name: string; readonly message: string }
  | RpcTrouble;

export interface Session {
  readonly uid: number;
  /** Passed to every method of a model. */
  readonly context: { readonly company: number; readonly language: string };
}

export interface Tryton {
  /** A method of a model, such as `stock.move.create`; the context is added. */
  call(method: string, params: readonly unknown[], signal: AbortSignal, context?: object): Promise<RpcReply>;
  session(signal: AbortSignal): Promise<{ readonly kind: 'session'; readonly session: Session } | Trouble>;
}

export type Trouble = Exclude<RpcReply, { kind: 'result' }>;

const Body = z.object({ result: z.unknown().optional(), error: z.array(z.unknown()).optional() });
const Login = z.tuple([z.int(), z.string()]).rest(z.unknown());
const Preferences = z.object({ company: z.int(), language: z.string().nullish() });
const WARNINGS_MAX = 5;

/** Locked rows and files, and transactions that met each other: the same call may work. */
const BUSY = /ConcurrencyException|locked|could not serialize|deadlock|OperationalError|try again/i;

export function createTryton(access: TrytonAccess): Tryton {
  const sessions = createSessions(access);
  const allowed = access.warnings.map(patternOf);

  const once = async (
    method: string,
    params: readonly unknown[],
    signal: AbortSignal,
    context: object | undefined,
  ): Promise<RpcReply> => {
    for (let attempt = 1; ; attempt += 1) {
      const opened = await sessions.session(signal);
      if (opened.kind !== 'session') return opened;
      const full = { ...opened.session.context, ...context };
      const reply = await sessions.send(`model.${method}`, [...params, full], signal);
      if (reply !== 'expired') return reply;
      // Nothing was done; a session ends after a while without calls.
      sessions.end();
      if (attempt > 1) return { kind: 'denied', reason: 'the session was not accepted' };
    }
  };

  return {
    session: sessions.session,
    async call(method, params, signal, context) {
      for (let warnings = 0; ; warnings += 1) {
        const reply = await once(method, params, signal, context);
        if (reply.kind !== 'fault' || reply.name !== 'UserWarning') return reply;
        const [name = '', ...message] = reply.message.split('\n');
        const isAllowed = allowed.some((pattern) => pattern.test(name));
        if (!isAllowed || warnings >= WARNINGS_MAX) return { ...reply, message: `${name}: ${message.join(' ')}` };
        const opened = await sessions.session(signal);
        if (opened.kind !== 'session') return opened;
        const row = { user: opened.session.uid, name, always: false };
        const acknowledged = await once('res.user.warning.create', [[row]], signal, undefined);
        // Whether it is acknowledged is seen by the repeat; nothing of the books has been done.
        if (acknowledged.kind !== 'result') return certain(acknowledged);
      }
    },
  };
}

interface Sessions extends Pick<Tryton, 'session'> {
  send(method: string, params: readonly unknown[], signal: AbortSignal): Promise<RpcReply | 'expired'>;
  end(): void;
}

function createSessions(access: TrytonAccess): Sessions {
  const { user, password } = access;
  let authorization: string | undefined;
  let known: Session | undefined;

  const send: Sessions['send'] = (method, params, signal) => sendOnce(access, authorization, method, params, signal);
  /** Calls that change nothing: an answer that was lost is asked for again. */
  const ask = async (method: string, params: readonly unknown[], signal: AbortSignal, expired: string) => {
    const reply = await send(method, params, signal);
    if (reply === 'expired') return { kind: 'denied', reason: expired } as const;
    if (reply.kind === 'fault') return denied(reply);
    return reply.kind === 'result' ? reply : certain(reply);
  };
  const open = async (signal: AbortSignal): Promise<Session | Trouble> => {
    authorization = undefined;
    const wrong = 'LoginException: user or password is wrong';
    const login = await ask('common.db.login', [user, { password }, 'en'], signal, wrong);
    if (login.kind !== 'result') return login;
    const parsed = Login.safeParse(login.value);
    if (!parsed.success) return { kind: 'denied', reason: wrong };
    const [uid, key] = parsed.data;
    authorization = `Session ${Buffer.from(`${user}:${uid}:${key}`).toString('base64')}`;
    const preferences = await ask('model.res.user.get_preferences', [true, {}], signal, 'the session was not accepted');
    if (preferences.kind !== 'result') return preferences;
    const own = Preferences.safeParse(preferences.value);
    if (!own.success) return { kind: 'denied', reason: `user ${user} has no company in Tryton` };
    known = { uid, context: { company: own.data.company, language: own.data.language ?? 'en' } };
    return known;
  };
  return {
    send,
    end() {
      known = undefined;
    },
    async session(signal) {
      const found = known ?? (await open(signal));
      return 'uid' in found ? { kind: 'session', session: found } : found;
    },
  };
}

async function sendOnce(
  { url, database, now }: TrytonAccess,
  authorization: string | undefined,
  method: string,
  params: readonly unknown[],
  signal: AbortSignal,
): Promise<RpcReply | 'expired'> {
  const address = `${url.replace(/\/*$/, '')}/${encodeURIComponent(database)}/`;
  const headers = authorization === undefined ? {} : { authorization };
  // Exactly these keys, or Tryton answers as to somebody who does not speak JSON-RPC.
  const answer = await postRpc(address, { id: 1, method, params }, signal, headers);
  if ('kind' in answer) return answer;
  if (answer.status === 401 || answer.status === 403) return 'expired';
  const read = rpcBody(answer, Body, now());
  if (read.kind !== 'body') return read;
  const { error, result } = read.body;
  return error === undefined ? { kind: 'result', value: result } : faultOf(error);
}

/** `["UserError", [message, description]]`, `["UserWarning", [name, message]]`, or the text of a Python error. */
function faultOf([first, second]: readonly unknown[]): RpcReply {
  const name = String(first);
  const parts = Array.isArray(second) ? second.filter((part) => typeof part === 'string' && part !== '') : [];
  const message = parts.join('\n');
  if (BUSY.test(`${name} ${message}`)) return { kind: 'retryLater', reason: name };
  return { kind: 'fault', name, message };
}

function denied({ name, message }: { readonly name: string; readonly message: string }): Trouble {
  return { kind: 'denied', reason: message === '' ? name : `${name}: ${message}` };
}

/** Of a call that changes no books: what came of it does not matter. */
function certain(trouble: Trouble): Trouble {
  return trouble.kind === 'unknown' ? { kind: 'retryLater', reason: trouble.reason } : trouble;
}

function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
