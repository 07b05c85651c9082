// A group of clients: whatever it wants is sent when it is wanted, whether or not what came before was answered (as buyers
// and tills do), or, to find out how much the server can take, by some who each wait for their answer. Who is turned away
// comes again with the same ids: after Retry-After, or at once by those who do not care.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, Silence } from './connection.ts';
import type { Journal, Outcome } from './journal.ts';
import { createPool } from './pool.ts';
import type { Tally } from './tally.ts';

/** One request. `numbers` are those of its commands in the group's journal, in the order of its lines. */
export interface Wish {
  readonly text: string;
  readonly numbers: readonly number[];
}

export interface GroupShape {
  readonly name: string;
  /** Under which it is counted. */
  readonly label: string;
  readonly journal: Journal;
  /** Commands of a wish: its lines have verdicts of their own where there are many. */
  readonly commands: number;
  /** Of Retry-After. */
  readonly honours: boolean;
  /** Default: a few. */
  readonly triesMax?: number;
  readonly connectionsMax: number;
  wish(): Wish;
}

export interface Group {
  /** So many each wait for their answer before they wish again. */
  closed(clients: number): void;
  /** So many wishes a second. */
  open(perSecond: number): void;
  /** Wishes no more; resolves when all that was sent is settled. */
  rest(): Promise<void>;
}

const TICK_MS = 10;
const TRIES_MAX = 4;
/** Wishes that wait to come again. */
const AGAIN_MAX = 2_000;

export function createGroup(
  shape: GroupShape,
  room: { readonly port: number; readonly patienceMs: number; readonly tally: Tally },
): Group {
  const { honours, connectionsMax, triesMax = TRIES_MAX } = shape;
  const { tally } = room;
  const pool = createPool({ ...room, connectionsMax });
  let isResting = false;
  let unsettled = 0;
  let coming = 0;
  let stopTicking = () => {};

  /** Undefined: no connection was free. */
  const once = (wish: Wish): Promise<Reply | Silence | undefined> =>
    new Promise((resolve) => {
      if (!pool.ask(wish.text, resolve)) resolve(undefined);
    });
  const settle = async (wish: Wish): Promise<void> => {
    tally.offered(wish.numbers.length);
    unsettled += 1;
    try {
      for (let tries = 1; ; tries += 1) {
        const reply = await once(wish);
        const again = reply === undefined ? undefined : judge(shape, wish, reply, tally);
        if (again === undefined || isResting || tries >= triesMax || coming >= AGAIN_MAX) return;
        coming += 1;
        await sleep(honours ? again * (1 + Math.random() / 2) : 1);
        coming -= 1;
      }
    } finally {
      unsettled -= 1;
    }
  };
  return {
    closed(clients) {
      isResting = false;
      const client = async () => {
        while (!isResting) await settle(shape.wish());
      };
      for (let n = 0; n < clients; n += 1) void client();
    },
    open(perSecond) {
      isResting = false;
      const startedAt = performance.now();
      let wished = 0;
      const timer = setInterval(() => {
        const due = ((performance.now() - startedAt) * perSecond) / 1_000;
        // Whatever could not be wished because this process stood still is not wished later all at once.
        wished = Math.max(wished, due - perSecond);
        for (; wished < due; wished += 1) void settle(shape.wish());
      }, TICK_MS);
      stopTicking = () => clearInterval(timer);
    },
    async rest() {
      isResting = true;
      stopTicking();
      while (unsettled > 0) await sleep(20);
      pool.close();
    },
  };
}

/** Milliseconds after which to come again; undefined: it is settled. */
function judge(
  { label: name, journal, commands }: GroupShape,
  { numbers }: Wish,
  reply: Reply | Silence,
  tally: Tally,
): number | undefined {
  const note = (outcome: Outcome) => {
    for (const number of numbers) journal.note(number, outcome);
  };
  if (typeof reply === 'string') {
    tally.silent(reply);
    // What was never connected took nothing.
    note(reply === 'refused connection' ? 'refused' : 'unknown');
    return 1_000;
  }
  const { status, retryAfter, body, tookMs } = reply;
  if (status === 429 || status === 503) {
    tally.refused(status, numbers.length, retryAfter !== undefined);
    note('refused');
    return Number(retryAfter ?? 1) * 1_000;
  }
  if (status === 504) {
    note('unknown');
    return 1_000;
  }
  if (status !== 200 && status !== 202) {
    note('unknown');
    tally.unexpected(`${name}: ${status} ${body}`);
    return undefined;
  }
  if (commands > 1) judgeLines(name, journal, numbers, body, tally);
  else {
    note('accepted');
    tally.accepted(name, 1, tookMs);
  }
  return undefined;
}

/** The number is the end of a command's id (../names.ts). */
const LINE = /^\{"line":\d+,"commandId":"[^"]*?(\d+)","outcome":"(\w+)"/;

function judgeLines(name: string, journal: Journal, numbers: readonly number[], body: string, tally: Tally): void {
  let accepted = 0;
  let judged = 0;
  for (const line of body.split('\n')) {
    const [, number, outcome] = LINE.exec(line) ?? [];
    if (number === undefined) {
      if (line !== '' && !line.startsWith('{"summary"')) tally.unexpected(`${name}: ${line}`);
      continue;
    }
    judged += 1;
    if (outcome === 'accepted') {
      accepted += 1;
      journal.note(Number(number), 'accepted');
    } else if (outcome === 'failed') {
      journal.note(Number(number), line.includes('"reason":"unknown-outcome"') ? 'unknown' : 'refused');
      tally.refused('line', 1, line.includes('"retryAfterMs":'));
    } else tally.unexpected(`${name}: ${line}`);
  }
  if (judged !== numbers.length)
    tally.unexpected(`${name}: ${judged} of ${numbers.length} lines were judged: ${body.slice(-200)}`);
  tally.accepted(name, accepted);
}
