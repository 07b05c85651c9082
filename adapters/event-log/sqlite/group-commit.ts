// What is appended while the disk syncs the last commit becomes the next one: written in one transaction, synced in the
// background, and only then is every waiting append answered and anything of it seen by readers. One commit is under way
// at a time, so a crash tears at most the last. A failed commit answers none with success and leaves nothing in memory.
import { type Appended, type EventToAppend, Unavailable, UnknownOutcome } from '../../../domain/event-log.ts';
import type { Database } from './database.ts';
import { type Condition, isDiskFull, messageOf } from './failure.ts';
import { eventText } from './frame.ts';
import { createGathering } from './gather.ts';
import { type CommitPoint, checkTexts } from './options.ts';
import { beginTurn, type Turn } from './turn.ts';
import type { WalSync } from './wal-sync.ts';

export interface GroupCommitOptions {
  readonly database: Database;
  readonly sync: WalSync;
  readonly condition: Condition;
  readonly nextPosition: number;
  readonly pendingCharsMax: number;
  readonly atPoint: (point: CommitPoint) => void;
  /** Writes what may ride along in the transaction; `written` once it is committed. */
  readonly alongside: { write(events: number): void; written(): void };
  /** The turn is durable: make it visible. Called before its appends are answered. */
  readonly committed: (turn: Turn) => void;
}

export interface GroupCommit {
  /** Last revision of a stream among what is not yet durable. */
  pendingHead(stream: string): number | undefined;
  append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<Appended>;
  /** `answer` once all that is pending now is durable; rejects as it does. */
  afterCommit<T>(answer: () => T): Promise<T>;
  /** Writes and syncs what is pending now. Blocks. */
  flush(): void;
  /** Position after the last durable event. */
  readonly durableEnd: number;
  readonly pendingEvents: number;
}

/** Who is told when the turn is durable, and what: a function is asked then. */
interface Waiting {
  readonly wrote: boolean;
  readonly answer: Appended | (() => unknown);
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What one commit carries. */
interface Commit {
  readonly turn: Turn;
  readonly waiting: readonly Waiting[];
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const gathering = createGathering();
  let turn = beginTurn(options.nextPosition);
  let waiting: Waiting[] = [];
  let scheduled = false;

  const wait = <T>(wrote: boolean, answer: Appended | (() => T)): Promise<T> => {
    if (waiting.length === 0) gathering.begin();
    return new Promise<T>((resolve, reject) => {
      waiting.push({ wrote, answer, resolve: resolve as (value: unknown) => void, reject });
      schedule();
    });
  };
  const schedule = () => {
    if (scheduled || waiting.length === 0 || committer.syncing !== undefined) return;
    scheduled = true;
    setImmediate(commitWhenGathered);
  };
  const commitWhenGathered = () => {
    scheduled = false;
    if (committer.syncing !== undefined || waiting.length === 0) return;
    if (!gathering.isComplete(waiting.length)) return schedule();
    if (commit()) committer.sync();
  };
  const commit = (): boolean => {
    gathering.end(waiting.length);
    const next: Commit = { turn, waiting };
    waiting = [];
    const written = committer.write(next);
    turn = beginTurn(next.turn.firstPosition + (written ? next.turn.events.length : 0));
    return written;
  };
  const committer = createCommitter(options, schedule);

  return {
    pendingHead: (stream) => turn.heads.get(stream) ?? committer.syncing?.turn.heads.get(stream),
    append(stream, expected, events) {
      if (turn.chars > options.pendingCharsMax) {
        throw new Unavailable('overloaded', 'too much is waiting to be written to the event log');
      }
      const texts = events.map((event, n) => eventText(stream, expected + 1 + n, event));
      checkTexts(texts);
      turn.add(stream, expected, events, texts);
      const last = turn.firstPosition + turn.events.length - 1;
      return wait(true, { revision: expected + events.length, position: BigInt(last) });
    },
    afterCommit: (answer) => wait(false, answer),
    flush() {
      committer.syncNow();
      if (waiting.length > 0 && commit()) committer.syncNow();
    },
    get durableEnd() {
      return (committer.syncing?.turn ?? turn).firstPosition;
    },
    get pendingEvents() {
      return turn.events.length + (committer.syncing?.turn.events.length ?? 0);
    },
  };
}

interface Committer {
  /** Written, and not yet known to be on disk. */
  readonly syncing: Commit | undefined;
  /** Whether it is written and must be synced; if not, whoever waits has been told. Not while another is syncing. */
  write(next: Commit): boolean;
  /** Syncs in the background, then tells those who wait. */
  sync(): void;
  syncNow(): void;
}

/** @param onFree the next may be written */
function createCommitter(options: GroupCommitOptions, onFree: () => void): Committer {
  const { condition, sync } = options;
  let syncing: Commit | undefined;

  const finish = (synced: Commit, error: unknown) => {
    if (syncing !== synced) return; // `syncNow` was faster
    syncing = undefined;
    try {
      if (error !== null) throw error;
      options.committed(synced.turn);
      condition.wrote();
      for (const one of synced.waiting) settle(one);
    } catch (failure) {
      rejectAll(synced.waiting, condition, failure);
    }
    onFree();
  };
  const trying = (commit: Commit, work: () => void) => {
    try {
      work();
    } catch (error) {
      finish(commit, error);
    }
  };
  return {
    get syncing() {
      return syncing;
    },
    write(next) {
      syncing = next;
      let wrote = false;
      trying(next, () => {
        if (condition.fatal !== undefined) throw condition.fatal;
        wrote = writeTurn(options, next.turn);
        if (!wrote) finish(next, null);
      });
      return wrote;
    },
    sync() {
      const commit = syncing!;
      trying(commit, () => sync.start((error) => finish(commit, error)));
    },
    syncNow() {
      const commit = syncing;
      if (commit === undefined) return;
      trying(commit, () => {
        sync.now();
        finish(commit, null);
      });
    },
  };
}

/** Whether there was anything to write. */
function writeTurn({ database, atPoint, alongside }: GroupCommitOptions, turn: Turn): boolean {
  const frames = turn.seal();
  if (frames.length === 0) return false;
  atPoint('before-write');
  database.transactionToSync(
    () => {
      for (const frame of frames) database.insertFrame(frame);
      alongside.write(turn.events.length);
    },
    () => atPoint('before-commit'),
  );
  alongside.written();
  atPoint('after-commit');
  return true;
}

/** A full disk wrote nothing. After any other failure the bytes may or may not be there at the next start. */
function rejectAll(waiting: readonly Waiting[], condition: Condition, error: unknown): void {
  const alreadyDown = condition.fatal === error;
  const told = condition.failed(error);
  const unknown = !isDiskFull(error) && !alreadyDown;
  for (const { wrote, reject } of waiting) {
    if (wrote && unknown) {
      reject(new UnknownOutcome(`the append may or may not be on disk: ${messageOf(error)}`, { cause: error }));
    } else {
      reject(told);
    }
  }
}

function settle({ answer, resolve, reject }: Waiting): void {
  try {
    resolve(typeof answer === 'function' ? answer() : answer);
  } catch (error) {
    reject(error);
  }
}
