// The policy book: which policy is in force now, and how it is changed. Read from the stream `policy` at the start and
// followed from then on, so every process on a log has the same policy at the same time: a version is in force from its
// time, by a timer; one whose time passed while nothing ran is in force at the start.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Policy, PolicyDocument } from '../../domain/channel/policy.ts';
import { chainedEvents, type Hashes } from '../../domain/event-id.ts';
import { Conflict, type EventToAppend, type Position, type RecordedEvent } from '../../domain/event-log.ts';
import { decidePolicy, type PolicyCommand, type PolicyDecision } from '../../domain/policy/decide.ts';
import { type NewPolicyEvent, POLICY_STREAM } from '../../domain/policy/events.ts';
import { holdingAt, type PolicyHistory, policyAt, scheduledVersions } from '../../domain/policy/history.ts';
import { type Clock, type Instant, SECOND } from '../../domain/time.ts';
import { appendRepeating, type RepeatRoom } from '../append-repeating.ts';
import { ConfigError } from '../config.ts';
import { adoption, isNews, NO_POLICY } from '../policy-file.ts';
import { readPolicyStream, type StoredPolicy, withEvent } from './stored.ts';

export interface PolicyRoom extends RepeatRoom {
  /** One that a jump does not fool: a version must not be in force a day early because a clock was wrong. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly hashes: Hashes;
  /** What no part of this server can carry out of a document, such as a connector without an adapter. */
  readonly misfit: (document: PolicyDocument) => { readonly path: string; readonly detail: string } | undefined;
  /** Something failed that nobody waits for. Must not throw. */
  readonly troubled: (error: unknown) => void;
}

export type PolicyListener = (now: Policy, before: Policy) => void;

export type PolicyAnswer =
  | {
      readonly outcome: 'accepted';
      /** False: it was so already. */
      readonly changed: boolean;
      readonly position: Position | undefined;
    }
  | Refused;
type Refused = Extract<PolicyDecision, { outcome: 'refused' }>;

export interface PolicyBook {
  /** In force now. */
  policy(): Policy;
  history(): PolicyHistory;
  /** The time by which it is decided what is in force: never before the last event of the history. */
  now(): Instant;
  /** Called when another policy is in force, in the order of registration. Returns its removal. */
  onChange(listener: PolicyListener): () => void;
  /**
   * Judged against the end of the stream; what is accepted is durable.
   * @throws Unavailable · UnknownOutcome · Conflict when other writers came first again and again
   */
  change(command: PolicyCommand): Promise<PolicyAnswer>;
  /** Why a document cannot be taken, whatever holds now; undefined: it can. */
  misfit(document: PolicyDocument): Refused | undefined;
  /** An event that somebody met in the log; of the policy stream or of any other. */
  met(event: RecordedEvent): void;
  close(): void;
}

const CONFLICTS_MAX = 6;
/** The clock is looked at this often while a version waits: a clock that jumps must be caught at it. */
const LOOK_MS = SECOND;

interface Book {
  readonly room: PolicyRoom;
  readonly listeners: Set<PolicyListener>;
  stored: StoredPolicy;
  /** Undefined: no version has been in force yet. */
  policy: Policy | undefined;
  /** What `policy` was made for. */
  holding: string;
  cancelTimer: () => void;
  /** One change after the other. */
  changes: Promise<unknown>;
  closed: boolean;
}

/**
 * @param file the policy file's document, adopted if it is news
 * @throws ConfigError when the file cannot be adopted, or there is neither a file nor a policy in the log · Unavailable
 */
export async function openPolicyBook(room: PolicyRoom, file: PolicyDocument | undefined): Promise<PolicyBook> {
  const book: Book = {
    ...{ room, listeners: new Set<PolicyListener>(), stored: await readPolicyStream(room.log) },
    ...{ policy: undefined, holding: '', cancelTimer: () => {}, changes: Promise.resolve(), closed: false },
  };
  look(book);
  if (file !== undefined && isNews(book.stored.history, file)) {
    const answer = await change(book, adoption(file));
    if (answer.outcome === 'refused') throw new ConfigError(`the policy file cannot be adopted: ${answer.detail}`);
  }
  if (book.policy === undefined) throw new ConfigError(NO_POLICY);
  return {
    policy: () => book.policy!,
    history: () => book.stored.history,
    now: () => nowOf(book.stored, room.clock),
    onChange(listener) {
      const own: PolicyListener = (now, before) => listener(now, before);
      book.listeners.add(own);
      return () => book.listeners.delete(own);
    },
    change: (command) => inTurn(book, () => change(book, command)),
    misfit: (document) => misfit(book, document),
    met: (event) => met(book, event),
    close() {
      book.closed = true;
      book.cancelTimer();
    },
  };
}

function nowOf({ history }: StoredPolicy, clock: Clock): Instant {
  return Math.max(clock.now(), history.recordedAt);
}

/** Puts in force what holds now, and sets the timer for what holds next. */
function look(book: Book): void {
  book.cancelTimer();
  if (book.closed) return;
  const { room, stored } = book;
  const at = nowOf(stored, room.clock);
  const next = scheduledVersions(stored.history, at)[0];
  if (next !== undefined) {
    const ms = Math.min(LOOK_MS, Math.max(1, next.effectiveFrom - at));
    book.cancelTimer = room.timers.after(ms, () => look(book));
  }
  const holding = holdingAt(stored.history, at);
  const policy = holding === book.holding ? undefined : policyAt(stored.history, at);
  if (policy === undefined) return;
  const before = book.policy;
  book.policy = policy;
  book.holding = holding;
  if (before === undefined) return;
  for (const listener of book.listeners) {
    try {
      listener(policy, before);
    } catch (error) {
      room.troubled(error);
    }
  }
}

function misfit({ room }: Book, document: PolicyDocument): Refused | undefined {
  const wrong = room.misfit(document);
  return (
    wrong && { outcome: 'refused', reason: 'invalid-policy', path: `/document${wrong.path}`, detail: wrong.detail }
  );
}

function inTurn<T>(book: Book, action: () => Promise<T>): Promise<T> {
  const done = book.changes.then(action);
  book.changes = done.catch(() => {});
  return done;
}

async function change(book: Book, command: PolicyCommand): Promise<PolicyAnswer> {
  const { room } = book;
  const wrong = command.type === 'apply' ? misfit(book, command.document) : undefined;
  if (wrong !== undefined) return wrong;
  for (let attempt = 1; ; attempt += 1) {
    await readOn(book);
    const { history, end } = book.stored;
    const decision = decidePolicy(history, command, nowOf(book.stored, room.clock));
    if (decision.outcome === 'refused') return decision;
    if (decision.events.length === 0) return { outcome: 'accepted', changed: false, position: undefined };
    const cause = `policy:${end.revision + 1}`;
    const events = chainedEvents(end, decision.events.map(toStore(cause)), cause, room.hashes);
    try {
      const { position } = await appendRepeating(room, POLICY_STREAM, end.revision, events);
      const appended = events.map((event, n) => ({ ...event, stream: POLICY_STREAM, revision: end.revision + 1 + n }));
      take(book, appended.reduce(withEvent, book.stored));
      return { outcome: 'accepted', changed: true, position };
    } catch (error) {
      if (!(error instanceof Conflict) || attempt >= CONFLICTS_MAX) throw error;
      await room.sleep(room.random() * 2 ** attempt);
    }
  }
}

function toStore(cause: string): (event: NewPolicyEvent) => Pick<EventToAppend, 'type' | 'data' | 'metadata'> {
  return ({ type, ...data }) => ({ type, data, metadata: { causationId: cause } });
}

/** Never goes back: what was met in the log meanwhile may be further. */
function take(book: Book, stored: StoredPolicy): void {
  if (stored.end.revision <= book.stored.end.revision) return;
  book.stored = stored;
  look(book);
}

function met(book: Book, event: RecordedEvent): void {
  if (event.stream !== POLICY_STREAM || event.revision <= book.stored.end.revision || book.closed) return;
  try {
    if (event.revision === book.stored.end.revision + 1) take(book, withEvent(book.stored, event));
    else void inTurn(book, () => readOn(book)).catch(book.room.troubled);
  } catch (error) {
    book.room.troubled(error);
  }
}

async function readOn(book: Book): Promise<void> {
  take(book, await readPolicyStream(book.room.log, book.stored));
}
