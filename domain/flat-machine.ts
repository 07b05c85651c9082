// A statechart as a table: makes the logic of an XState actor out of a flat XState machine, once, when it is loaded.
// The machine stays the one place where states and transitions are said; interpreting it anew for every event costs
// 4 µs and 30 short-lived objects a transition, the table 0.25 µs and one (measured, docs/decisions/0007).
// A test sends the same events to both and compares what they do.
import type { ActorLogic, ActorScope, AnyStateMachine, AnyStateNode, EventObject, Snapshot } from 'xstate';

/** What the names of actions in the machine mean. Assigns run with the transition, effects right after it. */
export interface MachineParts<Context, Event extends EventObject, Input> {
  context(input: Input): Context;
  readonly assigns: Readonly<Record<string, (context: Context, event: Event) => Context>>;
  readonly effects: Readonly<Record<string, (context: Context) => void>>;
}

export type FlatSnapshot<Context> = Snapshot<undefined> & { readonly value: string; readonly context: Context };
export type FlatLogic<Context, Event extends EventObject, Input> = ActorLogic<FlatSnapshot<Context>, Event, Input>;

interface Target<Context, Event> {
  readonly value: string;
  readonly isFinal: boolean;
  readonly assign: ((context: Context, event: Event) => Context) | undefined;
  readonly effect: ((context: Context) => void) | undefined;
}

/** @throws Error for a machine that is more than states, targets, one assign a transition and one effect a state */
export function compileFlat<Context, Event extends EventObject, Input>(
  machine: AnyStateMachine,
  parts: MachineParts<Context, Event, Input>,
): FlatLogic<Context, Event, Input> {
  const table = tableOf(machine, parts);
  const initial = targetOf(nodeOf(machine, String(machine.config.initial)), [], parts);
  type Scope = ActorScope<FlatSnapshot<Context>, Event>;

  const enter = (to: Target<Context, Event>, context: Context, scope: Scope): FlatSnapshot<Context> => {
    const { effect } = to;
    // After the snapshot is set: the effect sees the state it belongs to, and what it sends waits its turn.
    if (effect !== undefined) scope.defer(() => effect(context));
    const status = to.isFinal ? 'done' : 'active';
    return { status, output: undefined, error: undefined, value: to.value, context } as FlatSnapshot<Context>;
  };
  return {
    getInitialSnapshot: (scope, input) => enter(initial, parts.context(input), scope),
    transition(snapshot, event, scope) {
      if (event.type === STOP) return { ...snapshot, status: 'stopped' } as FlatSnapshot<Context>;
      const to = table.get(snapshot.value)?.get(event.type);
      if (to === undefined) return snapshot;
      return enter(to, to.assign === undefined ? snapshot.context : to.assign(snapshot.context, event), scope);
    },
    getPersistedSnapshot: (snapshot) => snapshot,
  };
}

/** What XState sends to an actor that is being stopped. */
const STOP = 'xstate.stop';

type Table<Context, Event> = ReadonlyMap<string, ReadonlyMap<string, Target<Context, Event>>>;

function tableOf<Context, Event extends EventObject, Input>(
  machine: AnyStateMachine,
  parts: MachineParts<Context, Event, Input>,
): Table<Context, Event> {
  return new Map(
    Object.keys(machine.states).map((key) => {
      const node = nodeOf(machine, key);
      const rows = [...node.transitions].map(([type, transitions]) => {
        const [transition, ...others] = transitions;
        const [target, ...more] = transition?.target ?? [];
        if (transition?.guard !== undefined || target === undefined || others.length + more.length > 0) {
          throw new Error(`${node.id} on ${type}: one target without a guard, or it is not flat`);
        }
        return [type, targetOf(target, transition!.actions, parts)] as const;
      });
      return [key, new Map(rows)] as const;
    }),
  );
}

function nodeOf(machine: AnyStateMachine, key: string): AnyStateNode {
  const node = machine.states[key] as AnyStateNode | undefined;
  if (node === undefined) throw new Error(`there is no state ${key}`);
  const { type, exit, invoke, always, after } = node;
  const isFlat = (type === 'atomic' || type === 'final') && exit.length + invoke.length + after.length === 0 && !always;
  if (!isFlat) throw new Error(`${node.id}: children, exit actions, invocations, timers or eventless transitions`);
  return node;
}

function targetOf<Context, Event extends EventObject, Input>(
  node: AnyStateNode,
  actions: readonly unknown[],
  { assigns, effects }: MachineParts<Context, Event, Input>,
): Target<Context, Event> {
  const assign = named(actions, assigns, `a transition to ${node.id}`);
  const effect = named(node.entry, effects, `the entry of ${node.id}`);
  return { value: node.key, isFinal: node.type === 'final', assign, effect };
}

function named<T>(actions: readonly unknown[], known: Readonly<Record<string, T>>, where: string): T | undefined {
  if (actions.length === 0) return undefined;
  const [name] = actions;
  const found = typeof name === 'string' ? known[name] : undefined;
  if (found === undefined || actions.length > 1) throw new Error(`${where}: one action that has a name and a part`);
  return found;
}

/** Where each event leads from each state of a machine that has nothing but states and targets. */
export function transitionTable<State extends string>(
  machine: AnyStateMachine,
): ReadonlyMap<State, ReadonlyMap<string, State>> {
  const parts = { context: () => undefined, assigns: {}, effects: {} };
  const rows = [...tableOf<undefined, EventObject, undefined>(machine, parts)];
  return new Map(
    rows.map(([key, row]) => [
      key as State,
      new Map([...row].map(([type, { value }]) => [type, value as State] as const)),
    ]),
  );
}
