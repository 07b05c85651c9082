// Clients of a kind of workflow: they deliver each command until they are told something definite, now and then twice, over a
// network that loses some; and what every answer must hold, whoever hears it.
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { WorkflowCommand } from '../../domain/workflow.ts';
import type { WorkflowAnswer } from '../../server/workflows/workflow-answer.ts';
import type { Workflows } from '../../server/workflows/workflows.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { LogServer } from './log-connection.ts';
import type { SimulatedProcess } from './process.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

/** One workflow, and what its clients know of it, by command id. */
export interface Subject<R extends string> {
  readonly id: string;
  /** Accepted once, or why it never was. */
  readonly told: Map<string, 'accepted' | R>;
  /** When somebody was first told that it is taken. */
  readonly acceptedAt: Map<string, number>;
  /** Deliveries that nobody has answered definitely. They may have had an effect, or have it yet. */
  readonly open: Map<string, number>;
}

export function newSubject<R extends string>(id: string): Subject<R> {
  return { id, told: new Map(), acceptedAt: new Map(), open: new Map() };
}

export interface ClientRoom {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly server: LogServer;
  readonly pick: () => SimulatedProcess | undefined;
}

export interface Kind<S, C extends WorkflowCommand, R extends string> {
  /** Streams are `<category>-<id>`. */
  readonly category: string;
  /** Commands that an event says are owed after it. */
  readonly owed: (event: RecordedEvent) => number;
  readonly of: (process: SimulatedProcess) => Workflows<S, C, R>;
  readonly statusOf: (state: S) => string;
  /** Accepted, for the first time, and nothing is owed. */
  readonly settled: (state: S) => void;
}

export interface Clients<C, R extends string> {
  /** Resolves when its sender was told something definite. */
  send(subject: Subject<R>, command: C): Promise<void>;
  /** Commands that their sender repeats still, and workflows that owe a stock something. */
  unsettled(): number;
}

const PATIENCE_MS = 5_000;
const RETRY_MS_MAX = 3_000;

export function createClients<S, C extends WorkflowCommand, R extends string>(
  room: ClientRoom,
  kind: Kind<S, C, R>,
): Clients<C, R> {
  const { scenario, time, chance } = room;
  const owing = createOwing(room.server, kind);
  let open = 0;

  const deliver = async (subject: Subject<R>, command: C): Promise<boolean> => {
    await time.sleep(chance.between(0, 30));
    const process = room.pick();
    if (process === undefined) return false;
    const heard = Promise.withResolvers<boolean>();
    const cancel = time.timers.after(PATIENCE_MS, () => heard.resolve(false));
    subject.open.set(command.id, (subject.open.get(command.id) ?? 0) + 1);
    const sentAt = time.now();
    void kind
      .of(process)
      .submit(subject.id, command, { source: 'client' })
      .then((answer) => {
        if (!process.life.alive) return;
        judge(room, kind, subject, { command, sentAt, by: process.name }, answer);
        if (chance.maybe(scenario.networkLoss)) return;
        cancel();
        heard.resolve(answer.outcome !== 'failed');
      });
    return heard.promise;
  };
  return {
    async send(subject, command) {
      open += 1;
      if (chance.maybe(0.2)) void deliver(subject, command);
      while (!(await deliver(subject, command))) await time.sleep(chance.between(50, RETRY_MS_MAX));
      open -= 1;
    },
    unsettled: () => open + owing(),
  };
}

interface Delivery<C> {
  readonly command: C;
  readonly sentAt: number;
  /** Name of the process that answers. */
  readonly by: string;
}

function judge<S, C extends WorkflowCommand, R extends string>(
  { trace, time }: ClientRoom,
  { category, statusOf, settled }: Kind<S, C, R>,
  { id, told, acceptedAt, open }: Subject<R>,
  { command, sentAt, by }: Delivery<C>,
  answer: WorkflowAnswer<S, R>,
): void {
  const what = answer.outcome === 'accepted' ? statusOf(answer.state) : answer.reason;
  trace.note(`${by} answers ${command.id} ${command.type} ${category} ${id}: ${answer.outcome}, ${what}`);
  if (answer.outcome === 'failed') return;
  open.set(command.id, open.get(command.id)! - 1);
  // What was refused may be taken when it is repeated, never the other way round; but two processes may judge it at once.
  const first = acceptedAt.get(command.id) ?? Number.POSITIVE_INFINITY;
  if (answer.outcome === 'accepted') {
    acceptedAt.set(command.id, Math.min(first, time.now()));
    told.set(command.id, 'accepted');
    if (answer.settled && !answer.duplicate) settled(answer.state);
    return;
  }
  if (first === Number.POSITIVE_INFINITY) told.set(command.id, answer.reason);
  if (first >= sentAt) return;
  trace.violated(
    'P2',
    `${command.id} ${command.type} ${category} ${id} was accepted, and when repeated ${answer.reason}`,
  );
}

/** How many workflows owe something: their events say so. */
function createOwing({ log }: LogServer, { category, owed }: Pick<Kind<never, never, never>, 'category' | 'owed'>) {
  const owing = new Set<string>();
  let seen = 0;
  return () => {
    for (; seen < log.events.length; seen += 1) {
      const event = log.events[seen]!;
      if (!event.stream.startsWith(`${category}-`)) continue;
      if (owed(event) === 0) owing.delete(event.stream);
      else owing.add(event.stream);
    }
    return owing.size;
  };
}

/** In the end: every command taken once, every answer true, every cause known. */
export function checkCommands(
  category: string,
  { id, told, open }: Subject<string>,
  own: readonly RecordedEvent[],
  trace: Trace,
): void {
  const seen = new Set<string>();
  let before = '';
  for (const { data, stream, revision, metadata } of own) {
    const command = String(data['commandId']);
    if (command !== before && seen.has(command)) trace.violated('P2', `${command} had its effect twice in ${stream}`);
    if (String(metadata['causationId']) !== command) trace.violated('P16', `${stream}@${revision} names another cause`);
    seen.add(command);
    before = command;
  }
  for (const [command, answer] of told) {
    if ((answer === 'accepted') === seen.has(command)) continue;
    // An append of unknown outcome may have landed after its repeat was refused.
    if (answer !== 'accepted' && open.get(command) !== 0) continue;
    const is = seen.has(command) ? 'is' : 'is not';
    trace.violated('acknowledged', `${command} was told ${answer} and ${is} in ${category}-${id}`);
  }
}

/** The events of each of these streams. */
export function eventsOf(streams: readonly string[], events: readonly RecordedEvent[]) {
  const own = new Map(streams.map((stream) => [stream, [] as RecordedEvent[]]));
  for (const event of events) own.get(event.stream)?.push(event);
  return own as ReadonlyMap<string, readonly RecordedEvent[]>;
}
