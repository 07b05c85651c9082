// The smallest workflow there is: takes one unit at each of some locations and remembers what the stocks said.
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { Workflow } from '../../domain/workflow.ts';

export interface Pick {
  readonly id: string;
  readonly wanted: readonly string[];
  readonly answers: Readonly<Record<string, string>>;
}
export type PickCommand =
  | { readonly id: string; readonly type: 'start'; readonly locations: readonly string[] }
  | { readonly id: string; readonly type: 'note'; readonly answers: Readonly<Record<string, string>> };
export type PickEvent =
  | { readonly type: 'PickStarted'; readonly locations: readonly string[] }
  | { readonly type: 'PickAnswered'; readonly answers: Readonly<Record<string, string>> };

export const picking: Workflow<Pick, PickCommand, PickEvent, 'already-started'> = {
  category: 'pick',
  version: 1,
  types: new Set(['PickStarted', 'PickAnswered']),
  upcasters: new Map(),
  initial: (id) => ({ id, wanted: [], answers: {} }),
  decide(state, command) {
    if (command.type === 'note') {
      const nothingNew = Object.entries(command.answers).every(([at, answer]) => state.answers[at] === answer);
      return { outcome: 'accepted', events: nothingNew ? [] : [{ type: 'PickAnswered', answers: command.answers }] };
    }
    if (state.wanted.length > 0) return { outcome: 'refused', reason: 'already-started', detail: 'once is enough' };
    return { outcome: 'accepted', events: [{ type: 'PickStarted', locations: command.locations }] };
  },
  evolve: (state, event) =>
    event.type === 'PickStarted'
      ? { ...state, wanted: event.locations }
      : { ...state, answers: { ...state.answers, ...event.answers } },
  owed: ({ id, wanted, answers }) =>
    wanted
      .filter((location) => answers[location] === undefined)
      .map(
        (location): StockCommand => ({
          type: 'reservation.make',
          id: `pick:${id}:${location}`,
          sku: 'A',
          location,
          reservationId: `pick:${id}:${location}`,
          quantity: 1,
          owner: `pick:${id}`,
          channel: 'shop',
          expiresAt: Date.UTC(2027, 0, 1),
        }),
      ),
  record: (_, answers) => ({
    id: answers.map(({ command }) => command.id).join('+'),
    type: 'note',
    answers: Object.fromEntries(answers.map(({ command, answer }) => [command.location, answer.outcome])),
  }),
};
