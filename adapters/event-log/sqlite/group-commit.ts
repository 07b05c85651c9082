// One commit per turn of the event loop for all that was appended in it: the work lies in a turn until setImmediate,
// is written in one transaction, and only then every waiting append is answered. A failed commit answers none of
// them with success and leaves nothing behind in memory.
import { type Appended, type NewEvent, Unavailable, UnknownOutcome } from '../../../domain/event-log.ts';
import type { Database } from './database.ts';
import { type Condition, isDiskFull, messageOf } from './failure.ts';
import { eventText } from './frame.ts';
import { createGathering } from './gather.ts';
import { type CommitPoint, checkTexts } from './options.ts';
import { beginTurn, type Turn } from './turn.ts';

export interface GroupCommitOptions {
  readonly database: Database;
  readonly condition: Condition;
  readonly nextPosition: number;
  readonly pendingCharsMax: number;
  readonly atPoint: (point: CommitPoint) => void;
  /** Writes what may ride along in the transaction. */
  readonly alongside: () => void;
  /** The turn is durable: make it visible. Called before its appends are answered. */
  readonly committed: (turn: Turn) => void;
}

export interface GroupCommit {
  /** Last revision of a stream in the turn that is not yet written. */
  pendingHead(stream: string): number | undefined;
  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended>;
  /** `answer` once this turn is durable; rejects as the turn does. */
  afterCommit<T>(answer: () => T): Promise<T>;
  /** Writes what is pending now. */
  flush(): void;
  restart(nextPosition: number): void;
  readonly nextPosition: number;
  readonly pendingEvents: number;
}

interface Waiting {
  readonly wrote: boolean;
  settle(): void;
  reject(error: Error): void;
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { condition } = options;
  const gathering = createGathering();
  let turn = beginTurn(options.nextPosition);
  let waiting: Waiting[] = [];
  let scheduled = false;

  const wait = <T>(wrote: boolean, answer: () => T): Promise<T> => {
    if (!scheduled) {
      scheduled = true;
      gathering.begin();
      setImmediate(commitWhenGathered);
    }
    return new Promise<T>((resolve, reject) => waiting.push(waiter(wrote, answer, resolve, reject)));
  };
  const commitWhenGathered = () => {
    if (gathering.isComplete(waiting.length)) commit();
    else setImmediate(commitWhenGathered);
  };
  const commit = () => {
    scheduled = false;
    gathering.end(waiting.length);
    if (waiting.length === 0) return;
    const [written, answered] = [turn, waiting];
    waiting = [];
    try {
      if (condition.fatal !== undefined) throw condition.fatal;
      write(options, written);
      turn = beginTurn(written.firstPosition + written.events.length);
      options.committed(written);
    } catch (error) {
      turn = beginTurn(written.firstPosition);
      rejectAll(answered, condition, error);
      return;
    }
    condition.wrote();
    for (const append of answered) append.settle();
  };

  return {
    pendingHead: (stream) => turn.heads.get(stream),
    append(stream, expected, events) {
      if (turn.chars > options.pendingCharsMax) {
        throw new Unavailable('overloaded', 'too much is waiting to be written to the event log');
      }
      const texts = events.map((event, n) => eventText(stream, expected + 1 + n, event));
      checkTexts(texts);
      turn.add(stream, expected, events, texts);
      const last = turn.firstPosition + turn.events.length - 1;
      return wait(true, () => ({ revision: expected + events.length, position: BigInt(last) }));
    },
    afterCommit: (answer) => wait(false, answer),
    flush: commit,
    restart(nextPosition) {
      turn = beginTurn(nextPosition);
    },
    get nextPosition() {
      return turn.firstPosition;
    },
    get pendingEvents() {
      return turn.events.length;
    },
  };
}

function write({ database, atPoint, alongside }: GroupCommitOptions, turn: Turn): void {
  const frames = turn.seal();
  if (frames.length === 0) return;
  atPoint('before-write');
  database.transaction(
    () => {
      for (const frame of frames) database.insertFrame(frame);
      alongside();
    },
    () => atPoint('before-commit'),
  );
  atPoint('after-commit');
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

function waiter<T>(
  wrote: boolean,
  answer: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Waiting {
  const settle = () => {
    try {
      resolve(answer());
    } catch (error) {
      reject(error);
    }
  };
  return { wrote, settle, reject };
}
