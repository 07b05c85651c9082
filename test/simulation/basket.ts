// A workflow for the simulation: a basket reserves all its lines or none, then is confirmed or cancelled. It asks every
// line before it gives one back, so whatever was asked and not answered is never left behind. Two processes may ask a
// stock at once and hear different things: what a stock accepted once stays accepted, whatever is recorded after it.
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { StockAnswer, Workflow, WorkflowFrame } from '../../domain/workflow.ts';

export interface BasketLine {
  readonly sku: string;
  readonly location: string;
  readonly quantity: number;
}

export type BasketCommand =
  | {
      readonly id: string;
      readonly type: 'place';
      readonly channel: string;
      readonly expiresAt: number;
      readonly lines: readonly BasketLine[];
    }
  | { readonly id: string; readonly type: 'confirm' | 'cancel' }
  | { readonly id: string; readonly type: 'record'; readonly answers: Answers };

/** By stock command id. */
type Answers = Readonly<Record<string, StockAnswer['outcome']>>;

export type BasketEvent =
  | {
      readonly type: 'BasketPlaced';
      readonly channel: string;
      readonly expiresAt: number;
      readonly lines: readonly BasketLine[];
    }
  | { readonly type: 'BasketConfirmed' | 'BasketCancelled' }
  | { readonly type: 'BasketAnswered'; readonly answers: Answers };

export type BasketReason = 'already-placed' | 'not-placed' | 'not-reserved' | 'ended';

export interface Basket {
  readonly id: string;
  readonly channel: string;
  readonly expiresAt: number;
  readonly lines: readonly BasketLine[];
  readonly wish: 'none' | 'confirm' | 'cancel';
  readonly answers: Answers;
}

export type BasketPhase = 'unknown' | 'reserving' | 'reserved' | 'refused' | 'confirmed' | 'lapsed' | 'cancelled';

export const basketReservation = (id: string, line: number) => `basket:${id}:${line}`;
const asked = (id: string, line: number, what: 'make' | 'commit' | 'release') =>
  `${basketReservation(id, line)}:${what}`;

export function phaseOf({ id, lines, wish, answers }: Basket): BasketPhase {
  if (lines.length === 0) return 'unknown';
  const made = lines.map((_, n) => answers[asked(id, n, 'make')]);
  if (wish === 'cancel') return 'cancelled';
  if (made.includes('refused')) return 'refused';
  if (made.includes(undefined)) return 'reserving';
  if (wish !== 'confirm') return 'reserved';
  // A hold that expired before it was confirmed: then none is kept.
  return lines.some((_, n) => answers[asked(id, n, 'commit')] === 'refused') ? 'lapsed' : 'confirmed';
}

export const basket: Workflow<Basket, BasketCommand, BasketEvent, BasketReason> = {
  category: 'basket',
  version: 1,
  types: new Set(['BasketPlaced', 'BasketConfirmed', 'BasketCancelled', 'BasketAnswered']),
  upcasters: new Map(),
  initial: (id) => ({ id, channel: '', expiresAt: 0, lines: [], wish: 'none', answers: {} }),
  decide(state, command) {
    const phase = phaseOf(state);
    switch (command.type) {
      case 'record':
        return { outcome: 'accepted', events: [{ type: 'BasketAnswered', answers: command.answers }] };
      case 'place': {
        if (phase !== 'unknown') return refused('already-placed');
        const { channel, expiresAt, lines } = command;
        return { outcome: 'accepted', events: [{ type: 'BasketPlaced', channel, expiresAt, lines }] };
      }
      case 'confirm':
        if (phase !== 'reserved') return refused(phase === 'unknown' ? 'not-placed' : 'not-reserved');
        return { outcome: 'accepted', events: [{ type: 'BasketConfirmed' }] };
      case 'cancel':
        if (phase !== 'reserved' && phase !== 'reserving') return refused(phase === 'unknown' ? 'not-placed' : 'ended');
        return { outcome: 'accepted', events: [{ type: 'BasketCancelled' }] };
    }
  },
  evolve: (state, event) => evolve(state, event),
  owed(state) {
    const { id, lines, answers, channel, expiresAt } = state;
    const at = (n: number, what: 'make' | 'commit' | 'release') => {
      const { sku, location } = lines[n]!;
      return { id: asked(id, n, what), sku, location, reservationId: basketReservation(id, n) };
    };
    const open = (what: 'make' | 'commit' | 'release', where: (n: number) => boolean) =>
      [...lines.keys()].filter((n) => where(n) && answers[asked(id, n, what)] === undefined);
    const making = open('make', () => true).map((n): StockCommand => {
      const { quantity } = lines[n]!;
      return { ...at(n, 'make'), type: 'reservation.make', quantity, owner: `basket:${id}`, channel, expiresAt };
    });
    if (making.length > 0) return making;
    const held = (n: number) => answers[asked(id, n, 'make')] === 'accepted';
    const phase = phaseOf(state);
    if (phase === 'confirmed')
      return open('commit', held).map((n) => ({ ...at(n, 'commit'), type: 'reservation.commit' }));
    if (phase !== 'refused' && phase !== 'cancelled' && phase !== 'lapsed') return [];
    return open('release', held).map((n) => ({ ...at(n, 'release'), type: 'reservation.release' }));
  },
  record: (_, answers) => ({
    // With the outcomes: another answer to the same question is not a repeat.
    id: answers.map(({ command, answer }) => `${command.id}=${answer.outcome}`).join('+'),
    type: 'record',
    answers: Object.fromEntries(answers.map(({ command, answer }) => [command.id, answer.outcome])),
  }),
};

function evolve(state: Basket, event: BasketEvent & WorkflowFrame): Basket {
  switch (event.type) {
    case 'BasketPlaced':
      return { ...state, channel: event.channel, expiresAt: event.expiresAt, lines: event.lines };
    case 'BasketConfirmed':
      return { ...state, wish: 'confirm' };
    case 'BasketCancelled':
      return { ...state, wish: 'cancel' };
    case 'BasketAnswered':
      return { ...state, answers: { ...event.answers, ...state.answers, ...onlyAccepted(event.answers) } };
  }
}

function onlyAccepted(answers: Answers): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([, outcome]) => outcome !== 'refused'));
}

function refused(reason: BasketReason) {
  return { outcome: 'refused', reason, detail: reason } as const;
}
