// One workflow as far as its stream says: its state, and what is needed to append to it.
import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import { CHAIN_GENESIS, chainedEvents, type Hashes } from '../../domain/event-id.ts';
import type { EventLog, EventToAppend, JsonObject } from '../../domain/event-log.ts';
import type { Instant } from '../../domain/time.ts';
import { readVersioned } from '../../domain/versioned-event.ts';
import {
  type Workflow,
  type WorkflowCommand,
  type WorkflowContext,
  type WorkflowFrame,
  workflowStream,
} from '../../domain/workflow.ts';

const PAGE_EVENTS = 1_000;

export interface Course<State> {
  readonly id: string;
  readonly stream: string;
  readonly state: State;
  /** -1 before the first event. */
  readonly revision: number;
  readonly lastHash: string;
  /** Of the last event: later ones are never recorded before it. */
  readonly recordedAt: Instant;
  /** W3C trace context of the last command that had one: what is still owed hangs on it after a restart, too. */
  readonly traceparent: string | undefined;
  /** Every command taken: workflows are short. */
  readonly taken: ReadonlySet<string>;
  /** The last of them: what is owed is owed for its sake. */
  readonly lastCommandId: string | undefined;
}

type AnyEvent = { readonly type: string };

/** `known`: reads on from there. @throws Unavailable · LogCorrupt · UnknownEventVersion */
export async function loadCourse<S, C extends WorkflowCommand, E extends AnyEvent, R extends string>(
  workflow: Workflow<S, C, E, R>,
  id: string,
  log: EventLog,
  known: Course<S> = unwritten(workflow, id),
): Promise<Course<S>> {
  const { stream } = known;
  let { state, revision, lastHash, recordedAt, traceparent, lastCommandId } = known;
  const taken = new Set(known.taken);
  for (;;) {
    const page = await log.read(stream, revision + 1, PAGE_EVENTS);
    for (const recorded of page) {
      const event = readVersioned(recorded, workflow.version, workflow.types, workflow.upcasters);
      state = workflow.evolve(state, event as unknown as E & WorkflowFrame);
      lastCommandId = event['commandId'] as string;
      taken.add(lastCommandId);
      recordedAt = event['recordedAt'] as Instant;
      traceparent = traceparentIn(recorded) ?? traceparent;
      revision = recorded.revision;
      lastHash = (recorded.metadata['hash'] as string | undefined) ?? '';
    }
    if (page.length === PAGE_EVENTS) continue;
    return { id, stream, state, revision, lastHash, recordedAt, traceparent, taken, lastCommandId };
  }
}

function unwritten<S, C extends WorkflowCommand, E extends AnyEvent, R extends string>(
  workflow: Workflow<S, C, E, R>,
  id: string,
): Course<S> {
  const stream = workflowStream(workflow, id);
  const state = workflow.initial(id);
  const nothing = { revision: -1, lastHash: CHAIN_GENESIS, recordedAt: 0 };
  return { id, stream, state, ...nothing, traceparent: undefined, taken: new Set(), lastCommandId: undefined };
}

export interface Sender {
  readonly source: string;
  readonly traceparent?: string | undefined;
}

export type Judged<S, R extends string> =
  | { readonly outcome: 'accepted'; readonly events: readonly EventToAppend[]; readonly after: Course<S> }
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'refused'; readonly reason: R; readonly detail: string };

/** The events one command makes, ready to append, and the course after them. */
export function judge<S, C extends WorkflowCommand, E extends AnyEvent, R extends string>(
  workflow: Workflow<S, C, E, R>,
  course: Course<S>,
  command: C,
  sender: Sender,
  context: WorkflowContext,
  hashes: Hashes,
): Judged<S, R> {
  if (course.taken.has(command.id)) return { outcome: 'duplicate' };
  const recordedAt = Math.max(context.now, course.recordedAt);
  const decision = workflow.decide(course.state, command, { ...context, now: recordedAt });
  if (decision.outcome === 'refused') return decision;
  const frame = { v: workflow.version, commandId: command.id, source: sender.source, recordedAt };
  const metadata = {
    client: sender.source,
    causationId: command.id,
    ...(sender.traceparent === undefined ? undefined : { traceparent: sender.traceparent }),
  };
  const events = chainedEvents(
    { stream: course.stream, revision: course.revision, hash: course.lastHash },
    decision.events.map(({ type, ...said }) => ({
      type,
      data: { ...said, ...frame } as unknown as JsonObject,
      metadata,
    })),
    command.id,
    hashes,
  );
  const folded = (state: S, event: E) => workflow.evolve(state, { ...event, ...frame });
  return {
    outcome: 'accepted',
    events,
    after: {
      ...course,
      state: decision.after ?? decision.events.reduce(folded, course.state),
      revision: course.revision + events.length,
      lastHash: (events.at(-1)?.metadata['hash'] as string | undefined) ?? course.lastHash,
      recordedAt,
      traceparent: sender.traceparent ?? course.traceparent,
      taken: new Set(course.taken).add(command.id),
      lastCommandId: command.id,
    },
  };
}
