// Takes what waits, again: by itself, later and later, when a name was mapped, or because somebody asked. Keeps the cases
// of what waits as they should be: one while it waits, none afterwards, and given up when somebody dismissed it.
import { caseId } from '../../domain/exception/cause.ts';
import type { Waiting } from '../../domain/inbound/intake.ts';
import { MINUTE, SECOND } from '../../domain/time.ts';
import { type Brought, type ChannelRoom, callSignal } from './channel-room.ts';
import { requestOf } from './raw-message.ts';
import { causeOf, setAsideEvents, settledEvents } from './set-aside.ts';
import { aside, type Verdict } from './verdict.ts';
import { translateAndTake } from './webhooks.ts';

export interface Retaking {
  /** Tries what waits and `concerns` soon, however long it would have rested. */
  wake(concerns: (waiting: Waiting) => boolean): void;
  /** Tries these now, for whoever asked by a request of this trace context. Says how many of them wait no more. */
  retake(ids: readonly string[], traceparent?: string): Promise<number>;
  close(): Promise<void>;
}

const LOOK_MS = SECOND / 2;
/** What is looked at again only after a while: cases that were closed by people, or not written by a crash. */
const CASES_EVERY_LOOKS = 10;
const MALFORMED_TRIES_MAX = 3;
const AT_ONCE_MAX = 200;
/** Base and most of the rest between two tries, ms, by why it waits; absent: until it is woken. */
const RESTS: Readonly<Partial<Record<Waiting['why'], readonly [number, number]>>> = {
  later: [200, MINUTE],
  refused: [30 * SECOND, 60 * MINUTE],
  unmapped: [30 * MINUTE, 240 * MINUTE],
};

interface Tries {
  tries: number;
  /** By `moment`. */
  nextAt: number;
}

export function startRetaking(room: ChannelRoom): Retaking {
  const { book, moment, closing, troubled } = room;
  const tries = new Map<string, Tries>();
  const triesOf = (row: Waiting): Tries => {
    // The first try was when it came.
    const known = tries.get(row.id) ?? { tries: 1, nextAt: moment() + restMs(row, 1, room.random) };
    tries.set(row.id, known);
    return known;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const retake = (rows: readonly Waiting[], traceparent?: string): Promise<void> => {
    const done = turn.then(() => retakeAll(rows, room, triesOf, { by: 'retry', traceparent }));
    turn = done.catch(() => {});
    return done;
  };
  const run = async () => {
    for (let look = 0; !closing.aborted; look += 1) {
      await room.sleep(LOOK_MS, closing);
      if (closing.aborted) return;
      try {
        if (!room.soleWriter && look % CASES_EVERY_LOOKS === 0) await book.readOn();
        const { waiting } = book.intake();
        for (const id of tries.keys()) if (!waiting.has(id)) tries.delete(id);
        const now = moment();
        const due = [...waiting.values()].filter((row) => triesOf(row).nextAt <= now).slice(0, AT_ONCE_MAX);
        if (due.length > 0) await retake(due);
        if (look % CASES_EVERY_LOOKS === CASES_EVERY_LOOKS - 1) await lookAtCases(room);
      } catch (error) {
        if (!closing.aborted) troubled('what waits could not be taken', error);
      }
    }
  };
  const ended = run();
  return {
    wake(concerns) {
      for (const row of book.intake().waiting.values()) if (concerns(row)) triesOf(row).nextAt = 0;
    },
    async retake(ids, traceparent) {
      await book.readOn();
      const rows = ids.flatMap((id) => book.intake().waiting.get(id) ?? []);
      await retake(rows, traceparent);
      return ids.filter((id) => !book.intake().waiting.has(id)).length;
    },
    async close() {
      await ended;
      await turn;
    },
  };
}

function restMs({ why }: Waiting, tries: number, random: () => number): number {
  const [base, most] = RESTS[why] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Math.min(most, base * 2 ** Math.min(tries - 1, 20)) * (0.5 + random() / 2);
}

async function retakeAll(
  rows: readonly Waiting[],
  room: ChannelRoom,
  triesOf: (row: Waiting) => Tries,
  brought: Brought,
): Promise<void> {
  const polls = new Map<string | undefined, Waiting[]>();
  for (const row of rows) {
    if (room.closing.aborted) return;
    if (row.from === 'webhook') await ended(row, await retakeWebhook(row, room, brought), room, triesOf);
    else polls.set(row.watermark, [...(polls.get(row.watermark) ?? []), row]);
  }
  for (const [watermark, ofPage] of polls) await retakePage(watermark, ofPage, room, triesOf, brought);
}

async function retakeWebhook(row: Waiting, room: ChannelRoom, brought: Brought): Promise<Verdict> {
  const { webhook } = room.inbound;
  if (webhook === undefined) return aside('later', `${room.channel} has no webhook now`);
  const { raw, traceparent: earlier } = await room.book.kept(row);
  return (await translateAndTake(webhook, requestOf(raw), room, { ...brought, earlier })).verdict;
}

/** What a page does not tell any more has changed since: the poll meets it, or has met it, further on. */
async function retakePage(
  watermark: string | undefined,
  rows: readonly Waiting[],
  room: ChannelRoom,
  triesOf: (row: Waiting) => Tries,
  brought: Brought,
): Promise<void> {
  const { poll } = room.inbound;
  if (poll === undefined) return;
  const reply = await poll.read(watermark, callSignal(room));
  for (const row of rows) {
    if (reply.kind !== 'page') {
      await ended(row, aside('later', reply.reason), room, triesOf);
      continue;
    }
    let verdict: Verdict = { kind: 'taken' };
    for (const message of reply.messages)
      if (message.about === row.about && verdict.kind === 'taken') verdict = await room.take(message, brought);
    await ended(row, verdict, room, triesOf);
  }
}

async function ended(
  row: Waiting,
  verdict: Verdict,
  room: ChannelRoom,
  triesOf: (row: Waiting) => Tries,
): Promise<void> {
  const { book, cases, channel, moment } = room;
  const state = triesOf(row);
  state.tries += 1;
  if (verdict.kind === 'taken') {
    await book.record((intake) => settledEvents(intake, row.id, 'taken'));
    clearCase(row, room);
    return;
  }
  const first = verdict.kind === 'aside' && verdict.why === 'malformed' && state.tries < MALFORMED_TRIES_MAX;
  if (verdict.kind === 'aside' && !first && !isPassing(row, verdict)) {
    await book.record((intake) => againAside(intake.waiting.get(row.id), () => setAsideAgain(intake, row, verdict)));
  }
  const now = book.intake().waiting.get(row.id) ?? row;
  state.nextAt = moment() + restMs(now, state.tries, room.random);
  const cause = causeOf(channel, now);
  if (cause !== undefined) cases.raise(cause);
  if (now.why !== row.why || now.name?.id !== row.name?.id) clearCase(row, room);
}

/** What waits for a person stays so although the channel cannot be asked just now. */
function isPassing(row: Waiting, verdict: Verdict): boolean {
  return verdict.kind === 'aside' && verdict.why === 'later' && row.why !== 'later';
}

/** Somebody settled it meanwhile. */
function againAside<T>(row: Waiting | undefined, make: () => readonly T[]): readonly T[] {
  return row === undefined ? [] : make();
}

function setAsideAgain(
  intake: Parameters<typeof setAsideEvents>[0],
  { id, about, from, watermark }: Waiting,
  verdict: Extract<Verdict, { kind: 'aside' }>,
) {
  // Its request is kept already.
  const place = from === 'poll' ? ({ kind: 'poll', watermark } as const) : ({ kind: 'webhook' } as const);
  return setAsideEvents(intake, id, about, verdict, place);
}

/** Unless other messages wait for the same. */
function clearCase(row: Waiting, { channel, book, cases }: ChannelRoom): void {
  const cause = causeOf(channel, row);
  if (cause === undefined) return;
  for (const other of book.intake().waiting.values()) if (causeOf(channel, other)?.key === cause.key) return;
  cases.cleared(cause.kind, cause.key);
}

/** A case that people dismissed gives up what waits for it; one that is missing is raised again. */
async function lookAtCases(room: ChannelRoom): Promise<void> {
  const { book, channel, cases, hashes } = room;
  const known = room.knownCases();
  if (known === undefined) return;
  const givenUp: string[] = [];
  for (const row of book.intake().waiting.values()) {
    const cause = causeOf(channel, row);
    if (cause === undefined) continue;
    if (known.find(caseId(cause.kind, cause.key, hashes))?.status === 'dismissed') givenUp.push(row.id);
    else if (!known.isLasting(cause.kind, cause.key)) cases.raise(cause);
  }
  if (givenUp.length === 0) return;
  const rows = givenUp.flatMap((id) => book.intake().waiting.get(id) ?? []);
  await book.record((intake) => givenUp.flatMap((id) => settledEvents(intake, id, 'given-up')));
  for (const row of rows) clearCase(row, room);
}
