// Where causes of exception cases go: each is kept until it is in the log, one attempt at a time for each. Whoever derives
// causes from events waits for `settled` before its checkpoint moves: then a crash between the two only means that the
// event is seen again, which its position tells.
import type { Hashes } from '../../domain/event-id.ts';
import type { Position } from '../../domain/event-log.ts';
import { type CaseKind, type CaseSink, type Cause, caseId } from '../../domain/exception/cause.ts';
import { type Clock, SECOND } from '../../domain/time.ts';
import type { CasesReader } from '../../projections/cases.ts';
import { type CaseWorkflows, type PendingCause, pendingCause, sawIt, sawItGone, writeSeen } from './pending-cause.ts';

export interface SinkRoom {
  readonly workflows: Pick<CaseWorkflows, 'submit' | 'state'>;
  readonly cases: () => Pick<CasesReader, 'isLasting' | 'openCount' | 'revision'>;
  /** Up to where `cases` has folded. */
  readonly folded: () => Position;
  /** Of the log when it was opened: before that is folded, `cases` may not know what lasts. */
  readonly head: Position;
  readonly clock: Clock;
  readonly random: () => number;
  readonly hashes: Pick<Hashes, 'sha1Hex'>;
  /** Ends early when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Open cases of one kind, about. Causes beyond it share one case that says so. Default: 10,000. */
  readonly openPerKindMax?: number;
  /** How often what waits is looked at, ms. Default: a second. */
  readonly lookMs?: number;
  /** What is tried again, or had no room. Must not throw. */
  readonly troubled: (caseId: string, reason: string) => void;
}

export interface KeptCauses extends CaseSink {
  /**
   * Everything raised and cleared up to now is in the log when it resolves, but for further sights of cases that are open;
   * undefined: it is already. Rejects when the sink closes first.
   */
  settled(): Promise<void> | undefined;
  isLasting(kind: CaseKind, key: string): boolean;
  /** Causes that are not written, or whose sights are gathered. */
  readonly pending: number;
  /** Tries once more what waits, then gives up. */
  close(): Promise<void>;
}

/**
 * Causes kept at a time. Beyond it those that no event showed are left out: they are found again at their next sight. What
 * events show always has room, because whoever follows them waits.
 */
export const PENDING_MAX = 10_000;
const OPEN_PER_KIND_MAX = 10_000;
export const OVERFLOW_KEY = 'more';
const LOOK_EVERY_MS = SECOND;
const RETRY_BASE_MS = 100;
const RETRY_MS_MAX = 10 * SECOND;

export function keepCauses(room: SinkRoom): KeptCauses {
  const commandId = createCommandIds(room);
  const { openPerKindMax: max = OPEN_PER_KIND_MAX } = room;
  const causes = createPendingCauses(room);

  const see = (given: Cause): PendingCause => {
    const isOneMore = !causes.isLasting(given.kind, given.key) && causes.openCount(given.kind) >= max;
    const cause = isOneMore ? overflow(given, max) : given;
    const entry = causes.entryOf(cause.kind, cause.key);
    sawIt(entry, commandId('raise', cause.position), cause);
    return entry;
  };
  const seeGone = (kind: CaseKind, key: string, position?: Position): PendingCause | undefined => {
    if (room.folded() >= room.head && !causes.mayLast(kind, key)) return undefined;
    const entry = causes.entryOf(kind, key);
    sawItGone(entry, commandId('clear', position), position);
    return entry;
  };
  return {
    raise(cause) {
      if (causes.hasRoom(cause.kind, cause.key, cause.position)) causes.write(see(cause));
    },
    cleared(kind, key, position) {
      const entry = causes.hasRoom(kind, key, position) ? seeGone(kind, key, position) : undefined;
      if (entry !== undefined) causes.write(entry);
    },
    settled: causes.settled,
    isLasting: causes.isLasting,
    get pending() {
      return causes.entries.size;
    },
    close: causes.close,
  };
}

function createPendingCauses(room: SinkRoom) {
  const { hashes, troubled, clock, sleep } = room;
  const entries = new Map<string, PendingCause>();
  const underWay = createUnderWay();
  const closing = new AbortController();
  const { signal } = closing;
  let sweptAt = Number.NEGATIVE_INFINITY;
  const find = (kind: CaseKind, key: string) => entries.get(`${kind}~${key}`);

  const isFolded = ({ caseId, seen }: PendingCause) => room.cases().revision(caseId) >= seen.revision;
  const lasts = (entry: PendingCause) =>
    isFolded(entry) ? room.cases().isLasting(entry.kind, entry.key) : entry.seen.lasts;
  const isDue = (entry: PendingCause) =>
    entry.clear !== undefined || (entry.raise !== undefined && (!lasts(entry) || entry.sightsFrom <= clock.now()));
  const isQuiet = (entry: PendingCause) => !isDue(entry) && entry.raise === undefined && isFolded(entry);
  const write = (entry: PendingCause) => {
    if (entry.isWriting || !isDue(entry)) return;
    entry.isWriting = true;
    const writing = writeAll(entry, () => isDue(entry), room, signal);
    underWay.add(entry.kind, writing);
  };
  const forgetQuiet = (now: number) => {
    for (const [cause, entry] of entries) if (isQuiet(entry) && entry.sightsFrom <= now) entries.delete(cause);
  };
  void every(room.lookMs ?? LOOK_EVERY_MS, sleep, signal, () => {
    for (const entry of entries.values()) write(entry);
    forgetQuiet(clock.now());
  });

  return {
    entries,
    write,
    settled: underWay.settled,
    entryOf(kind: CaseKind, key: string): PendingCause {
      const entry = find(kind, key) ?? pendingCause(kind, key, caseId(kind, key, hashes));
      entries.set(`${kind}~${key}`, entry);
      return entry;
    },
    hasRoom(kind: CaseKind, key: string, position: Position | undefined): boolean {
      if (signal.aborted) return false;
      if (entries.size >= PENDING_MAX && clock.now() >= sweptAt + LOOK_EVERY_MS) {
        sweptAt = clock.now();
        forgetQuiet(Number.POSITIVE_INFINITY);
      }
      if (entries.size < PENDING_MAX || position !== undefined || find(kind, key) !== undefined) return true;
      troubled(caseId(kind, key, hashes), `more than ${PENDING_MAX} causes wait to be written`);
      return false;
    },
    isLasting(kind: CaseKind, key: string): boolean {
      const entry = find(kind, key);
      return entry === undefined ? room.cases().isLasting(kind, key) : lasts(entry);
    },
    /** With those that may be opening now. */
    openCount: (kind: CaseKind) => room.cases().openCount(kind) + underWay.count(kind),
    /** It lasts, or will when it is written. */
    mayLast(kind: CaseKind, key: string): boolean {
      const entry = find(kind, key);
      if (entry === undefined) return room.cases().isLasting(kind, key);
      return lasts(entry) || entry.raise !== undefined || entry.isWriting;
    },
    async close(): Promise<void> {
      if (signal.aborted) return;
      closing.abort();
      await underWay.settled()?.catch(() => {});
      const left = [...entries.values()].filter(({ raise, clear }) => raise !== undefined || clear !== undefined);
      await Promise.allSettled(left.map((entry) => writeSeen(entry, room.workflows, clock.now)));
    },
  };
}

/** Causes that are being written, counted by kind. */
function createUnderWay() {
  const writing = new Set<Promise<void>>();
  const counts = new Map<CaseKind, number>();
  const count = (kind: CaseKind) => counts.get(kind) ?? 0;
  return {
    count,
    add(kind: CaseKind, work: Promise<void>): void {
      counts.set(kind, count(kind) + 1);
      const ended = work.finally(() => {
        counts.set(kind, count(kind) - 1);
        writing.delete(ended);
      });
      ended.catch(() => {});
      writing.add(ended);
    },
    /** Resolves when all of now have ended, rejects when one did; undefined: there is none. */
    settled: (): Promise<void> | undefined => (writing.size === 0 ? undefined : allEnded([...writing])),
  };
}

async function allEnded(works: readonly Promise<void>[]): Promise<void> {
  for (const one of await Promise.allSettled(works)) if (one.status === 'rejected') throw one.reason;
}

/** Writes what is due, again and again while it cannot be written. */
async function writeAll(
  entry: PendingCause,
  isDue: () => boolean,
  { workflows, clock, random, sleep, troubled }: SinkRoom,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let failures = 1; isDue(); ) {
      if (signal.aborted) throw new Error('the sink of exception cases is closed');
      const failed = await writeSeen(entry, workflows, clock.now);
      if (failed === undefined) {
        failures = 1;
        continue;
      }
      troubled(entry.caseId, failed);
      await sleep(Math.min(RETRY_MS_MAX, (0.5 + random() / 2) * RETRY_BASE_MS * 2 ** failures), signal);
      failures = Math.min(failures + 1, 20);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    // A case that cannot be read must not hold up everybody else for ever: it is somebody's to look at already, as a poison
    // message of the cases' own projection.
    troubled(entry.caseId, String(error));
  } finally {
    // In the same step as the last look: what is seen from now on is written anew.
    entry.isWriting = false;
  }
}

/** A sight of an event has one id in every process and after every restart. */
function createCommandIds({ random, clock }: SinkRoom) {
  const session = `${Math.floor(random() * 2 ** 40).toString(36)}${clock.now().toString(36)}`;
  let commands = 0;
  return (what: string, position: Position | undefined) =>
    position === undefined ? `${what}:${session}:${++commands}` : `${what}:${position}`;
}

async function every(ms: number, sleep: SinkRoom['sleep'], signal: AbortSignal, look: () => void): Promise<void> {
  while (!signal.aborted) {
    await sleep(ms, signal);
    if (!signal.aborted) look();
  }
}

/** One case for all that are too many. Its sights have no position: they are not in the order of one reaction. */
function overflow({ kind, subject, detail }: Cause, max: number): Cause {
  const { channel, source } = subject;
  return {
    kind,
    key: OVERFLOW_KEY,
    subject: { channel, source },
    detail: `more than ${max} cases of ${kind} are open, so not every cause has one; the last: ${detail}`,
    proposals: ['look for one cause behind them', 'resolve or dismiss them together, then those that last come again'],
  };
}
