// The statechart of one SKU-location's actor: its life (hydrating, appending, conflicted, failed) and, while it
// is ready, the condition of its stock. The diagram in docs/stock-actor.mmd is this machine; a test keeps them equal.
//
// It is flat (no guards, one action a state), so that actors can run it as a table: `stockLogic`.
// Commands never travel through the machine one by one: they wait in the actor's inbox, which is the explicit
// stash, and `commands` only says "there are some". So no state can drop a command silently. No `after` timer is
// used: timers do not survive a restart; expiry is an `expiresAt` in an event and a process manager.
import { assign, setup } from 'xstate';
import { compileFlat, type MachineParts } from '../flat-machine.ts';
import type { Condition } from './levels.ts';
import type { Stock } from './stock.ts';

/**
 * What the machine asks its surroundings to do for the actor's owner. None may throw: a throw in an action kills an
 * XState actor. One object serves all actors.
 */
export interface StockEffects<Owner> {
  /** Read the stock from the log; ends in `settled.*` or `failed`. */
  hydrate(owner: Owner): void;
  /** Judge the waiting commands and append their events; ends in `settled.*`, `conflict` or `failed`. */
  append(owner: Owner): void;
  /** Another writer came first: wait a little, then `retry`; or `failed` after too many attempts. */
  backOff(owner: Owner): void;
  /** Answer everybody who waits; the actor is finished and will be evicted. */
  giveUp(owner: Owner): void;
}

export interface StockActorInput<Owner = unknown> {
  readonly effects: StockEffects<Owner>;
  readonly owner: Owner;
}

export interface StockActorContext extends StockActorInput {
  /** As of the last durable append; undefined until hydrated. */
  readonly stock: Stock | undefined;
}

export type StockActorEvent =
  | { readonly type: `settled.${Condition}`; readonly stock: Stock }
  | { readonly type: 'commands' }
  | { readonly type: 'conflict' }
  | { readonly type: 'retry' }
  | { readonly type: 'failed' };

const settled = {
  'settled.inStock': { target: 'inStock', actions: 'keep' },
  'settled.depleted': { target: 'depleted', actions: 'keep' },
  'settled.oversold': { target: 'oversold', actions: 'keep' },
  'settled.frozen': { target: 'frozen', actions: 'keep' },
  'settled.retired': { target: 'retired', actions: 'keep' },
} as const;

const ready = { on: { commands: 'appending' } } as const;

const parts = {
  context: ({ effects, owner }) => ({ stock: undefined, effects, owner }),
  assigns: {
    keep: ({ effects, owner, stock }, event) => ({ effects, owner, stock: 'stock' in event ? event.stock : stock }),
  },
  effects: {
    hydrate: ({ effects, owner }) => effects.hydrate(owner),
    append: ({ effects, owner }) => effects.append(owner),
    backOff: ({ effects, owner }) => effects.backOff(owner),
    giveUp: ({ effects, owner }) => effects.giveUp(owner),
  },
} satisfies MachineParts<StockActorContext, StockActorEvent, StockActorInput>;

export const stockMachine = setup({
  types: {} as { context: StockActorContext; events: StockActorEvent; input: StockActorInput },
  actions: {
    keep: assign(({ context, event }) => parts.assigns.keep(context, event)),
    hydrate: ({ context }) => parts.effects.hydrate(context),
    append: ({ context }) => parts.effects.append(context),
    backOff: ({ context }) => parts.effects.backOff(context),
    giveUp: ({ context }) => parts.effects.giveUp(context),
  },
}).createMachine({
  id: 'stock',
  context: ({ input }) => parts.context(input),
  initial: 'hydrating',
  states: {
    hydrating: { entry: 'hydrate', on: { ...settled, failed: 'failed' } },
    inStock: ready,
    depleted: ready,
    oversold: ready,
    frozen: ready,
    retired: ready,
    appending: { entry: 'append', on: { ...settled, conflict: 'conflicted', failed: 'failed' } },
    conflicted: { entry: 'backOff', on: { retry: 'hydrating', failed: 'failed' } },
    failed: { entry: 'giveUp', type: 'final' },
  },
});

/** The machine as stock actors run it. */
export const stockLogic = compileFlat<StockActorContext, StockActorEvent, StockActorInput>(stockMachine, parts);
