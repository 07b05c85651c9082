// The parent of all stock actors: they share its XState system (one each would cost 2 KB an actor), it stops those
// that leave, and hears of those that an error stopped.
import { type ActorLogic, type AnyActorRef, createActor, type Snapshot } from 'xstate';

export interface Supervisor {
  /** For the `parent` of an actor; its `id` is how `onError` names it. */
  readonly parent: AnyActorRef;
  stop(child: AnyActorRef): void;
}

type SupervisorEvent =
  | { readonly type: 'stop'; readonly child: AnyActorRef }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown };

/** @param onError a child threw: it has stopped, and what it was sent is dropped */
export function startSupervisor(onError: (id: string, error: unknown) => void): Supervisor {
  const active = { status: 'active', output: undefined, error: undefined } as Snapshot<undefined>;
  const logic: ActorLogic<Snapshot<undefined>, SupervisorEvent> = {
    getInitialSnapshot: () => active,
    transition(snapshot, event, { stopChild, defer }) {
      if (event.type === 'stop') stopChild(event.child);
      else if ('actorId' in event && 'error' in event) defer(() => onError(event.actorId, event.error));
      return snapshot;
    },
    getPersistedSnapshot: (snapshot) => snapshot,
  };
  const root = createActor(logic).start();
  return { parent: root, stop: (child) => root.send({ type: 'stop', child }) };
}
