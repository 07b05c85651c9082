// What the server answers when it does not do what it was asked: an RFC 9457 problem, as an error to catch.
import type { Fault, ProblemName } from '../problems.ts';

/** Statuses after which the same request, sent again, may succeed. A 409 may be a refusal, which stays one. */
const AGAIN: ReadonlySet<number> = new Set([408, 429, 502, 503, 504, 507]);
const AGAIN_REASONS: ReadonlySet<string> = new Set<ProblemName>(['conflict', 'idempotency-in-flight']);

export class EvenstockProblem extends Error {
  override readonly name = 'EvenstockProblem';
  readonly status: number;
  /** Which problem it is; `http` when something in between answered, and not Evenstock. */
  readonly reason: ProblemName | 'http';
  /** What is wrong in what was sent, place by place. */
  readonly faults: readonly Fault[];
  readonly retryAfterMs: number | undefined;

  constructor(status: number, { reason = 'http', detail, errors, retryAfterMs }: ProblemBody) {
    super(detail ?? `HTTP ${status}`);
    this.status = status;
    this.reason = reason;
    this.faults = errors ?? [];
    this.retryAfterMs = retryAfterMs;
  }

  /** The same request may succeed later. */
  get mayRepeat(): boolean {
    return AGAIN.has(this.status) || AGAIN_REASONS.has(this.reason);
  }
}

interface ProblemBody {
  readonly reason?: ProblemName | 'http';
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly retryAfterMs?: number | undefined;
}

const TEXT_MAX = 200;

export function problemOf(response: Response, text: string): EvenstockProblem {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  try {
    return new EvenstockProblem(response.status, { retryAfterMs, ...(JSON.parse(text) as ProblemBody) });
  } catch {
    return new EvenstockProblem(response.status, { detail: text.slice(0, TEXT_MAX), retryAfterMs });
  }
}
