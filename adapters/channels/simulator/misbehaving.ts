// The misbehaving channel that every vendor's simulator is built on: a guard before each of its addresses that writes the
// call down, keeps to the channel's own pace, and breaks what the present faults say. What a throttle or a refusal looks
// like is the dialect's; that a connection breaks or an answer comes too late is the same for all.
import type { HttpBindings } from '@hono/node-server';
import type { Hono, MiddlewareHandler, Next } from 'hono';
import { z } from 'zod';
import { type Call, endlessAnswer, halfAnswer, invalidJson, noAnswer, resetAnswer, sleep } from './broken-answers.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import { type CallKind, Faults, type FaultsJson } from './faults.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

export type SimulatorApp = Hono<{ Bindings: HttpBindings }>;

/** Why a call is refused as a whole, with the status that HTTP has for it. A dialect may answer with another one. */
export const REFUSAL_STATUS = {
  throttled: 429,
  unavailable: 503,
  error: 500,
  'gateway-timeout': 504,
  unauthenticated: 401,
  forbidden: 403,
} as const;
export type Refusal = keyof typeof REFUSAL_STATUS;

/** How one vendor words it. */
export interface Dialect {
  /** `headers` hold the Retry-After of the fault, if it has one. */
  refuse(call: Call, refusal: Refusal, headers: Readonly<Record<string, string>>): Response | Promise<Response>;
  /** A success with errors inside that pass with time, for all that the call names; undefined: there is none for such a call. */
  errorsInside(call: Call, kind: CallKind): Response | undefined | Promise<Response | undefined>;
}

export interface MisbehavingOptions {
  readonly faults?: FaultsJson | undefined;
  /** Per kind of call; none: any pace. */
  readonly limits?: Partial<Readonly<Record<CallKind, RateLimit>>> | undefined;
  /** By which clock the limits hold, ms; default: this process's, whatever time the channel lives in. */
  readonly pacedBy?: (() => number) | undefined;
  /** In [0, 1). Default: spread evenly, so that half of the calls is every other one. */
  readonly random?: (() => number) | undefined;
}

export interface Guarded {
  readonly kind: CallKind;
  /** What the call names, from its body. May throw on a body that is not of the dialect. */
  readonly skusOf?: (body: string, call: Call) => readonly string[];
}

export interface Misbehaving {
  /** Goes before the handler of an address. `guarded`: of the address, or told call by call where one address takes all. */
  guard(guarded: Guarded | ((body: string, call: Call) => Guarded)): MiddlewareHandler<{ Bindings: HttpBindings }>;
  readonly faults: Faults;
  setFaults(faults: FaultsJson): void;
  readonly log: CallLog;
  /** Calls that were refused for their pace, by the limits rather than by a fault. */
  readonly throttled: number;
}

export function createMisbehaving(dialect: Dialect, options: MisbehavingOptions = {}): Misbehaving {
  const random = options.random ?? evenly();
  const log = createCallLog();
  const allowed = new Map(
    Object.entries(options.limits ?? {}).map(([kind, limit]) => [
      kind as CallKind,
      createRateLimit(limit, options.pacedBy),
    ]),
  );
  let faults = Faults.parse(options.faults ?? {});
  let left = faults.times ?? Number.POSITIVE_INFINITY;
  let throttled = 0;

  /** The faults, with the kind that hits this call. */
  const present = (kind: CallKind): Faults => {
    const hit = left > 0 && faults.kind !== 'none' && faults.on.includes(kind) && random() < faults.share;
    if (hit) left -= 1;
    return hit ? faults : { ...faults, kind: 'none' };
  };

  return {
    log,
    get faults() {
      return faults;
    },
    get throttled() {
      return throttled;
    },
    setFaults(next) {
      faults = Faults.parse(next);
      left = faults.times ?? Number.POSITIVE_INFINITY;
    },
    guard: (guarded) => async (call, next) => {
      // Read before anything else: an answer of `late` is sent before the handler has seen the call.
      const body = new TextDecoder().decode(await call.req.arrayBuffer());
      const { kind, skusOf } = typeof guarded === 'function' ? guarded(body, call) : guarded;
      const { pathname, search } = new URL(call.req.url);
      const recorded = log.add({
        ...{ kind, at: Date.now(), method: call.req.method, path: `${pathname}${search}` },
        ...{ skus: named(() => skusOf?.(body, call)), status: undefined },
      });
      const now = present(kind);
      if (now.latencyMs > 0 && now.on.includes(kind)) await sleep(now.latencyMs);
      let answer = await instead(now, kind, call, dialect, next);
      if (answer === undefined && allowed.get(kind)?.() === false) {
        throttled += 1;
        answer = await dialect.refuse(call, 'throttled', { 'retry-after': '1' });
      }
      if (answer === undefined) {
        await next();
        answer = await afterwards(now, call);
      }
      if (answer !== undefined) replace(call, answer);
      if (!call.res.headers.has('x-hono-already-sent')) recorded.status = call.res.status;
    },
  };
}

/** A share of the calls that is the same in each run, and never many in a row (multiples of the golden ratio). */
function evenly(): () => number {
  let n = 0;
  return () => {
    n += 1;
    return (n * GOLDEN) % 1;
  };
}
const GOLDEN = (Math.sqrt(5) - 1) / 2;

function named(skusOf: () => readonly string[] | undefined): readonly string[] {
  try {
    return skusOf() ?? [];
  } catch {
    return [];
  }
}

/** Faults that answer before, or instead of, doing what was asked. */
function instead(
  { kind: fault, retryAfter, lateMs, answer }: Faults,
  kind: CallKind,
  call: Call,
  dialect: Dialect,
  next: Next,
): Response | undefined | Promise<Response | undefined> {
  const after: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  switch (fault) {
    case 'throttle':
      return dialect.refuse(call, 'throttled', after);
    case 'unavailable':
      return dialect.refuse(call, 'unavailable', after);
    case 'error':
      return dialect.refuse(call, 'error', {});
    case 'unauthorised':
      return dialect.refuse(call, 'unauthenticated', {});
    case 'forbidden':
      return dialect.refuse(call, 'forbidden', {});
    case 'redirect':
      return call.redirect('/elsewhere', 307);
    case 'reset':
      return resetAnswer(call);
    case 'timeout':
      return noAnswer(call);
    case 'endless':
      return endlessAnswer(call);
    case 'answer':
      return new Response(answer.body, {
        status: answer.status,
        headers: { 'content-type': 'application/json', ...answer.headers },
      });
    case 'errors-inside':
      return dialect.errorsInside(call, kind);
    case 'late':
      void sleep(lateMs)
        .then(next)
        .catch(() => {});
      return dialect.refuse(call, 'gateway-timeout', {});
    default:
      return undefined;
  }
}

/** Faults of the answer, when all is done. A refusal is left as it is: nothing was done. */
function afterwards({ kind: fault }: Faults, call: Call): Response | undefined | Promise<Response> {
  if (!call.res.ok) return undefined;
  switch (fault) {
    case 'timeout-after-success':
      return noAnswer(call);
    case 'half-answer':
      return halfAnswer(call, call.res);
    case 'invalid-json':
      return invalidJson();
    default:
      return undefined;
  }
}

/** Without the headers of the answer before, which Hono would keep. */
function replace(call: Call, answer: Response): void {
  call.res = undefined;
  call.res = answer;
}

/** How it misbehaves can be changed while it runs, and what it was asked can be read. */
export function addAdministration(app: SimulatorApp, misbehaving: Misbehaving): void {
  app.get('/admin/faults', (call) => call.json(misbehaving.faults));
  app.put('/admin/faults', async (call) => {
    const parsed = Faults.safeParse(await call.req.json().catch(() => undefined));
    if (!parsed.success) return call.json({ error: z.prettifyError(parsed.error) }, 400);
    misbehaving.setFaults(parsed.data);
    return call.json(misbehaving.faults);
  });
  app.get('/admin/calls', (call) => call.json({ calls: misbehaving.log.calls.slice(-CALLS_PER_ANSWER) }));
}
const CALLS_PER_ANSWER = 1_000;
