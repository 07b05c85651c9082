// What the clients sent and what they were told: the only thing the reference model believes. A delivery may be lost on
// the way there or back, or fall to a process that dies; the client repeats it until it is told something definite.
import type { StockCommand } from '../../domain/stock/commands.ts';
import { isFact } from '../../domain/stock/commands.ts';
import type { Accepted, Answer } from '../../server/actors/answer.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { SimulatedProcess } from './process.ts';
import type { Answering } from './process-workflows.ts';
import type { Trace } from './trace.ts';

export interface Entry {
  readonly command: StockCommand;
  readonly isFact: boolean;
  /** By a workflow, which sees it through; else by a client. */
  readonly isAsked: boolean;
  /** The first answer that said it is durable. */
  accepted: Accepted | undefined;
  /** When that was said. */
  acceptedAt: number;
  refused: boolean;
  /** Deliveries to a process, and how many of them it answered definitely. The others may have had an effect. */
  delivered: number;
  definite: number;
  /** Its sender was told something definite and has stopped repeating it. */
  settled: boolean;
}

export interface Journal {
  readonly entries: readonly Entry[];
  entry(commandId: string): Entry | undefined;
  /** A command that a workflow asks a stock; the result is told the answer. One id must be one intent (P2). */
  asked(command: StockCommand): (answer: Answer, process: Answering) => void;
  /** Sends a new command and sees it through. */
  send(command: StockCommand): Entry;
  /** Delivers a command once more, whatever came of it before. */
  repeat(entry: Entry): void;
  /** Commands without a definite answer. */
  unsettled(): number;
  /** Nothing is lost any more. */
  heal(): void;
}

export interface JournalRoom {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly loss: number;
  /** A process that serves, if there is one. */
  readonly pick: () => SimulatedProcess | undefined;
}

const PATIENCE_MS = 5_000;
const RETRY_MS_MAX = 3_000;
const TRANSIT_MS_MAX = 30;
const READ_YOUR_WRITE_MS = 30_000;

export function createJournal(room: JournalRoom): Journal {
  const { time, chance } = room;
  const entries: Entry[] = [];
  const byId = new Map<string, Entry>();
  let loss = room.loss;

  /** One delivery; true when its sender was told something definite. */
  const deliver = async (entry: Entry): Promise<boolean> => {
    await time.sleep(chance.between(0, TRANSIT_MS_MAX));
    const process = room.pick();
    if (process === undefined || chance.maybe(loss)) return false;
    entry.delivered += 1;
    const sentAt = time.now();
    const answer = process.submit(entry.command).then((given) => {
      judge(room, entry, given, { process, sentAt });
      return given;
    });
    const heard = Promise.withResolvers<boolean>();
    const cancel = time.timers.after(PATIENCE_MS, () => heard.resolve(false));
    void answer.then((given) => {
      if (chance.maybe(loss)) return;
      cancel();
      heard.resolve(given.outcome !== 'failed');
    });
    return heard.promise;
  };
  const seeThrough = async (entry: Entry) => {
    while (!(await deliver(entry))) await time.sleep(chance.between(50, RETRY_MS_MAX));
    entry.settled = true;
  };

  const enter = (command: StockCommand, isAsked: boolean): Entry => {
    const entry: Entry = {
      command,
      isFact: isFact(command),
      isAsked,
      accepted: undefined,
      acceptedAt: Number.POSITIVE_INFINITY,
      refused: false,
      delivered: 0,
      definite: 0,
      settled: isAsked,
    };
    entries.push(entry);
    byId.set(command.id, entry);
    return entry;
  };

  return {
    entries,
    entry: (commandId) => byId.get(commandId),
    asked(command) {
      const entry = byId.get(command.id) ?? enter(command, true);
      // Another process may ask again for the sake of a later command.
      const [first, now] = [entry.command, command].map((each) => JSON.stringify({ ...each, causationId: undefined }));
      if (first !== now) room.trace.violated('P2', `${command.id} was ${first}, and is ${now}`);
      entry.delivered += 1;
      const sentAt = time.now();
      return (answer, process) => judge(room, entry, answer, { process, sentAt });
    },
    send(command) {
      const entry = enter(command, false);
      void seeThrough(entry);
      return entry;
    },
    repeat: (entry) => void deliver(entry),
    unsettled: () => entries.reduce((sum, { settled }) => sum + (settled ? 0 : 1), 0),
    heal() {
      loss = 0;
    },
  };
}

/** What every answer must hold, whoever hears it. */
function judge(
  { trace, chance, time }: JournalRoom,
  entry: Entry,
  answer: Answer,
  { process, sentAt }: { readonly process: Answering; readonly sentAt: number },
): void {
  const { command } = entry;
  trace.note(`${process.name} answers ${command.id} ${command.type}: ${told(answer)}`);
  if (answer.outcome === 'failed') return;
  entry.definite += 1;
  if (answer.outcome === 'refused') {
    trace.mark('refused');
    entry.refused = true;
    if (entry.isFact) trace.violated('R4', `the fact ${command.id} was refused: ${answer.reason}`);
    // Two processes may judge it at once, by clocks of their own.
    if (entry.acceptedAt < sentAt) {
      trace.violated('P2', `${command.id} was accepted, and refused when it was repeated: ${answer.reason}`);
    }
    return;
  }
  if (answer.outcome === 'parked') trace.mark('parked');
  if (answer.duplicate) trace.mark('duplicate');
  const { accepted } = entry;
  entry.accepted ??= answer;
  entry.acceptedAt = Math.min(entry.acceptedAt, time.now());
  if (accepted !== undefined) {
    const [first, now] = [accepted, answer].map(({ revision, eventType, levels }) =>
      JSON.stringify([revision, eventType, levels]),
    );
    if (first !== now) trace.violated('P2', `${command.id} was answered ${first}, and when repeated ${now}`);
  } else if (chance.maybe(0.1)) void readBack(trace, entry.command, answer, process);
}

function told(answer: Answer): string {
  if (answer.outcome === 'failed' || answer.outcome === 'refused') return `${answer.outcome}, ${answer.reason}`;
  return `${answer.outcome}${answer.duplicate ? ' before' : ''} @${answer.revision} on-hand ${answer.levels.onHand}`;
}

/** Read your write: once the position of an answer is reached, the figures have it. */
async function readBack(trace: Trace, { sku, location }: StockCommand, answer: Accepted, process: Answering) {
  const availability = process.readModel?.availability;
  if (availability === undefined) return;
  const reached = await availability.waitFor(answer.position, READ_YOUR_WRITE_MS);
  if (!reached || !process.life.alive) return;
  trace.mark('read your write');
  const revision = availability.stock(sku, location)?.revision ?? -1;
  if (revision < answer.revision) {
    trace.violated('read your write', `${sku} at ${location} is at ${revision}, the answer said ${answer.revision}`);
  }
}
