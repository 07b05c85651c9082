// Asks one channel what it has to tell, page by page. Its watermark moves in the same append as what was set aside, after
// everything else of the page is durable: a crash or an error means that the page is read again, which changes nothing.
// Several servers may poll one channel: a page taken twice is harmless, and one who sees the other's progress waits.
import type { InboundMessage, PollReply } from '../../adapters/inbound/inbound.ts';
import {
  type NewInboundEvent,
  plainText,
  REASON_LENGTH_MAX,
  WATERMARK_LENGTH_MAX,
} from '../../domain/inbound/events.ts';
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import { type ChannelRoom, callSignal, WAITING_MAX } from './channel-room.ts';
import { causeOf, pollMessageId, setAsideEvents, settledEvents, silentKey } from './set-aside.ts';
import { takeSideBySide } from './side-by-side.ts';
import { aside, type SetAside } from './verdict.ts';

export interface PollStatus {
  /** `starting`: it has not been asked yet. `denied`: it refuses to be asked. */
  readonly state: 'starting' | 'ok' | 'failing' | 'denied';
  readonly lastSuccessAt: Instant | undefined;
  /** In a row. */
  readonly failures: number;
  readonly lastError: string | undefined;
  readonly nextAt: Instant;
  readonly watermark: string | undefined;
  /** It has not answered for longer than anybody should wait. */
  readonly isSilent: boolean;
}

export interface Poller {
  status(): PollStatus;
  /** Asks now. */
  poke(): void;
  close(): Promise<void>;
}

interface Course {
  state: PollStatus['state'];
  lastSuccessAt: Instant | undefined;
  failures: number;
  lastError: string | undefined;
  nextAt: Instant;
}

const BACKOFF_BASE_MS = 500;
const BACKOFF_MS_MAX = MINUTE;
const ASKED_MS_MAX = 15 * MINUTE;
/** Refused credentials do not mend themselves in seconds. */
const DENIED_MS = 60 * SECOND;
/** A channel that is asked every minute may miss some answers. */
const MISSED_POLLS = 5;
const EVERY_MS_MIN = 50;

export function startPoller(room: ChannelRoom): Poller {
  const { book, clock, closing } = room;
  const poll = room.inbound.poll!;
  const everyMs = Math.max(EVERY_MS_MIN, poll.everyMs);
  const startedAt = clock.now();
  const course: Course = {
    ...{ state: 'starting', lastSuccessAt: undefined, failures: 0, lastError: undefined },
    nextAt: startedAt,
  };
  let wake = new AbortController();
  const isSilent = () =>
    clock.now() - (course.lastSuccessAt ?? startedAt) > Math.max(room.patienceMs, MISSED_POLLS * everyMs);

  const turn = async (): Promise<number> => {
    const others = room.soleWriter ? 0 : await othersProgressMs(room, course, everyMs);
    if (others > 0) return others;
    const askedAt = room.moment();
    const reply = await poll.read(book.intake().watermark, callSignal(room));
    if (reply.kind !== 'page') return failed(course, reply, room);
    const busy = await takePage(reply, room, room.polled?.(reply.messages.length, room.moment() - askedAt));
    if (busy !== undefined) return failed(course, { kind: 'later', ...busy }, room);
    succeeded(course, room);
    // Spread, so that servers and channels do not ask in step.
    return reply.more ? 0 : everyMs * (0.9 + room.random() / 5);
  };
  const run = async () => {
    while (!closing.aborted) {
      const restMs = await turn().catch((error: unknown) => {
        room.troubled('a channel could not be polled', error);
        const reason = error instanceof Error ? error.message : String(error);
        return failed(course, { kind: 'later', reason }, room);
      });
      if (course.state !== 'ok' && isSilent()) raiseSilent(course, room);
      course.nextAt = clock.now() + restMs;
      await room.sleep(restMs, AbortSignal.any([closing, wake.signal]));
      wake = new AbortController();
    }
  };
  const ended = run();
  return {
    status: () => ({ ...course, watermark: book.intake().watermark, isSilent: isSilent() }),
    poke: () => wake.abort(),
    close: () => ended,
  };
}

/** Takes every message, sets aside what cannot be, then moves the watermark. Answers why not, if it has to come again. */
async function takePage(
  page: Extract<PollReply, { kind: 'page' }>,
  room: ChannelRoom,
  traceparent: string | undefined,
): Promise<{ readonly reason: string; readonly afterMs?: number | undefined } | undefined> {
  const { book, hashes, channel, cases } = room;
  const { watermark: from, waiting } = book.intake();
  if (page.watermark.length > WATERMARK_LENGTH_MAX) return { reason: 'its watermark is too long to be kept' };
  const notTaken = new Map<string, { readonly about: string; readonly verdict: SetAside }>();
  const settled: string[] = [];
  const take = (message: InboundMessage) => room.take(message, { by: 'poll', traceparent });
  const busy = await takeSideBySide(page.messages, { take }, ({ about }, verdict) => {
    const id = pollMessageId(about, hashes);
    if (verdict.kind === 'aside') notTaken.set(id, { about, verdict: firstTry(verdict) });
    else if (waiting.has(id) && !notTaken.has(id)) settled.push(id);
  });
  if (busy !== undefined) return busy;
  if (waiting.size + notTaken.size > WAITING_MAX) return { reason: `more than ${WAITING_MAX} messages wait` };
  await book.record(
    (intake): NewInboundEvent[] => [
      ...settled.flatMap((id) => settledEvents(intake, id, 'taken')),
      ...[...notTaken].flatMap(([id, { about, verdict }]) =>
        setAsideEvents(intake, id, about, verdict, { kind: 'poll', watermark: from }),
      ),
      // Another server may be further by now, and then reads nothing twice.
      ...(intake.watermark === from && page.watermark !== from
        ? [{ type: 'PollAdvanced', watermark: page.watermark } as const]
        : []),
    ],
    traceparent,
  );
  for (const id of notTaken.keys()) {
    const row = book.intake().waiting.get(id);
    const cause = row && causeOf(channel, row);
    if (cause !== undefined) cases.raise(cause);
  }
  return undefined;
}

/** Tried twice more before somebody is called. */
function firstTry(verdict: SetAside): SetAside {
  return verdict.why === 'malformed' ? aside('later', verdict.reason) : verdict;
}

function failed(
  course: Course,
  { kind, reason, afterMs }: { kind: 'later' | 'denied'; reason: string; afterMs?: number | undefined },
  { random }: ChannelRoom,
): number {
  course.failures += 1;
  course.lastError = plainText(reason, REASON_LENGTH_MAX);
  course.state = kind === 'denied' ? 'denied' : 'failing';
  const backoffMs = random() * Math.min(BACKOFF_MS_MAX, BACKOFF_BASE_MS * 2 ** Math.min(course.failures, 20));
  const askedMs = Math.min(ASKED_MS_MAX, Math.max(0, afterMs ?? 0));
  return Math.max(Math.ceil(backoffMs), askedMs, kind === 'denied' ? DENIED_MS * (1 + random() / 5) : 0);
}

function succeeded(course: Course, { clock, cases, channel }: ChannelRoom): void {
  if (course.state !== 'ok') cases.cleared('breaker-open', silentKey(channel));
  Object.assign(course, { state: 'ok', lastSuccessAt: clock.now(), failures: 0, lastError: undefined });
}

function raiseSilent({ lastError, lastSuccessAt, state }: Course, { channel, cases }: ChannelRoom): void {
  const since =
    lastSuccessAt === undefined ? 'since this server started' : `since ${new Date(lastSuccessAt).toISOString()}`;
  cases.raise({
    kind: 'breaker-open',
    key: silentKey(channel),
    subject: { channel, source: channel },
    detail: `${channel} could not be asked what it has to tell ${since}: ${state}, ${lastError ?? 'no answer'}`,
    proposals: ['look whether the channel is up, and whether its address and secrets are right'],
  });
}

/** How long to wait because another server has just moved the watermark; 0: not at all. */
async function othersProgressMs({ book, clock }: ChannelRoom, course: Course, everyMs: number): Promise<number> {
  const before = book.intake().advancedAt;
  await book.readOn();
  const { advancedAt } = book.intake();
  if (advancedAt === undefined || advancedAt === before) return 0;
  course.state = 'ok';
  course.lastSuccessAt = Math.max(course.lastSuccessAt ?? 0, advancedAt);
  return Math.max(0, advancedAt + everyMs - clock.now());
}
