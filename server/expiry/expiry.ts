// Lets holds expire: a process manager that asks a stock to expire a reservation when its time has come. It keeps
// nothing of its own: what is open is a projection, the command's id derives from the reservation and its expiry, and the
// stock judges it by its own state. So a repeat, a second node, a crash and a hold renewed meanwhile are all harmless.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import type { RefusalReason } from '../../domain/stock/verdict.ts';
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import { expiryOf, type OpenHold, type OpenHolds } from '../../projections/open-holds.ts';
import type { Answer, FailureReason, StockActors } from '../actors/answer.ts';
import type { ClockState, TrustedClock } from '../trusted-clock.ts';
import { createSchedule, type Scheduled } from './schedule.ts';

export interface ExpiryOptions {
  /** The instance that serves now, and word of another in its place. */
  readonly holds: () => OpenHolds;
  readonly onSwitch: (listener: () => void) => () => void;
  /** The holds are as the log is: before, some of them are long gone. */
  readonly ready: () => boolean;
  readonly stocks: Pick<StockActors, 'submit'>;
  readonly clock: TrustedClock;
  readonly timers: Timers;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
}

export interface ExpiryStatus {
  readonly openHolds: number;
  /** Of them, those whose expiry has passed. */
  readonly overdue: number;
  /** Since when the longest of these is overdue, ms. */
  readonly lagMs: number;
  /** Asked for and not answered. */
  readonly inFlight: number;
  readonly expired: number;
  /** Asked for in vain, by reason: most of them somebody else had expired, renewed or released. */
  readonly inVain: Readonly<Partial<Record<RefusalReason | FailureReason, number>>>;
  readonly clock: ClockState;
}

export interface Expiry {
  status(): ExpiryStatus;
  /** The wall clock is right: what was held up by a jump of it goes on. */
  confirmClock(): void;
  /** Asks for nothing more; resolves when what was asked for is answered. */
  close(): Promise<void>;
}

/** Enough to share commits, and few enough that a command that arrives waits behind one turn of them at most. */
const IN_FLIGHT_MAX = 128;
/** A jump of the clock is noticed this soon also when nothing is due, ms. */
const LOOK_MS = 500;
const NOT_READY_MS = 50;
/** Its event takes this long to arrive at the most; if it has not by then, it is asked again. */
const ACCEPTED_MS = 30 * SECOND;
const AGAIN_MS_BASE = SECOND;
const AGAIN_MS_MAX = 5 * MINUTE;
const SELF = 'evenstock';

interface Run {
  readonly options: ExpiryOptions;
  readonly schedule: ReturnType<typeof createSchedule>;
  readonly inVain: Partial<Record<RefusalReason | FailureReason, number>>;
  expired: number;
  inFlight: number;
  isWaiting: boolean;
  closed: boolean;
  cancel: () => void;
  drained: (() => void) | undefined;
}

export function startExpiry(options: ExpiryOptions): Expiry {
  const run: Run = {
    options,
    schedule: createSchedule(),
    inVain: {},
    expired: 0,
    inFlight: 0,
    isWaiting: false,
    closed: false,
    cancel: () => {},
    drained: undefined,
  };
  run.schedule.follow(options.holds());
  const stay = options.onSwitch(() => run.schedule.follow(options.holds()));
  goOn(run);
  return {
    status: () => statusOf(run),
    confirmClock() {
      options.clock.confirm();
      soon(run);
    },
    async close() {
      run.closed = true;
      run.cancel();
      stay();
      run.schedule.close();
      if (run.inFlight > 0) await new Promise<void>((resolve) => (run.drained = resolve));
    },
  };
}

/** Once for all answers of a turn. */
function soon(run: Run): void {
  if (run.isWaiting || run.closed) return;
  run.isWaiting = true;
  queueMicrotask(() => {
    run.isWaiting = false;
    goOn(run);
  });
}

function goOn(run: Run): void {
  if (run.closed) return;
  const { schedule, options } = run;
  run.cancel();
  const now = options.clock.now();
  if (!options.ready()) {
    run.cancel = options.timers.after(NOT_READY_MS, () => goOn(run));
    return;
  }
  while (run.inFlight < IN_FLIGHT_MAX) {
    const due = schedule.take(now);
    if (due === undefined) break;
    void ask(run, due);
  }
  const first = run.inFlight < IN_FLIGHT_MAX ? schedule.firstAt() : undefined;
  const ms = first === undefined ? LOOK_MS : Math.min(LOOK_MS, Math.max(1, first - now));
  run.cancel = options.timers.after(ms, () => goOn(run));
}

async function ask(run: Run, due: Scheduled): Promise<void> {
  run.inFlight += 1;
  const again = (ms: number) => run.schedule.again(due, run.options.clock.now() + ms);
  try {
    const answer = await run.options.stocks.submit({ command: expireCommand(due.hold), client: SELF });
    again(
      noted(run, answer) ??
        Math.min(AGAIN_MS_MAX, AGAIN_MS_BASE * 2 ** due.attempts) * (0.5 + run.options.random() / 2),
    );
  } catch {
    again(AGAIN_MS_MAX);
  }
  run.inFlight -= 1;
  if (run.inFlight === 0) run.drained?.();
  soon(run);
}

/** Counts the answer. In how many ms to ask again, if that does not follow from the attempts. */
function noted(run: Run, answer: Answer): number | undefined {
  if (answer.outcome === 'refused' || answer.outcome === 'failed') {
    run.inVain[answer.reason] = (run.inVain[answer.reason] ?? 0) + 1;
    return undefined;
  }
  if (!answer.duplicate) run.expired += 1;
  return ACCEPTED_MS;
}

/** No sender's id has a space in it: nobody else can have used up this one. */
function expireCommand(hold: OpenHold): StockCommand {
  const { stream, reservationId } = hold;
  const { sku, location } = parseStockStream(stream)!;
  return { type: 'reservation.expire', id: `expire ${reservationId} ${expiryOf(hold)}`, sku, location, reservationId };
}

function statusOf({ options, inFlight, expired, inVain }: Run): ExpiryStatus {
  const holds = options.holds();
  const now: Instant = options.clock.now();
  let overdue = 0;
  let oldest = now;
  for (const hold of holds.holds()) {
    const expiresAt = expiryOf(hold);
    if (expiresAt > now) continue;
    overdue += 1;
    if (expiresAt < oldest) oldest = expiresAt;
  }
  return {
    openHolds: holds.size,
    overdue,
    lagMs: now - oldest,
    inFlight,
    expired,
    inVain: { ...inVain },
    clock: options.clock.state(),
  };
}
