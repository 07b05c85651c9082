// What may be said of a transfer as it stands. What left, came, went missing or went back has happened; nothing is taken of
// it that is not on its way.
import type { WordsAsked } from '../../shell/confirm.ts';
import { type Action, positive } from '../../shell/workflow-actions.ts';
import type { Line, Transfer } from './words.ts';

const REASON: WordsAsked = { isRequired: true, lengthMax: 200 };

interface Telling {
  readonly type: 'dispatch' | 'receive' | 'over' | 'short' | 'reject' | 'return';
  readonly leg?: 'back';
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly done: string;
  readonly reason?: WordsAsked;
  /** What stands there at first. */
  readonly units: (line: Line) => number;
  /** How many there can be; absent: it happened, so however many. */
  readonly unitsMax?: (line: Line) => number;
}

const underWay = (line: Line) => line.underWay;
const comingBack = (line: Line) => line.comingBack;

const DISPATCH: Telling = {
  ...{ type: 'dispatch', name: 'Dispatch', done: 'dispatched', units: ({ setAside }) => setAside },
  ...{ title: 'What left the origin?', text: 'Also more than was asked for, if it has left.' },
};
const RECEIVE: Telling = {
  ...{ type: 'receive', name: 'Receive', done: 'received', units: underWay, unitsMax: underWay },
  ...{ title: 'What arrived?', text: 'What comes later is told later: it stays in-transit until then.' },
};
const OVER: Telling = {
  ...{ type: 'over', name: 'Over', done: 'more arrived than was dispatched', units: () => 0 },
  ...{ title: 'What arrived that nobody said had left?', text: 'The origin has lost it, and the transfer notes it.' },
  reason: { ...REASON, isRequired: false },
};
const SHORT: Telling = {
  ...{ type: 'short', name: 'Short', done: 'some will not arrive', units: () => 0, unitsMax: underWay, reason: REASON },
  ...{ title: 'What will not arrive?', text: 'It is not in-transit any more, and at neither end.' },
};
const REJECT: Telling = {
  ...{ type: 'reject', name: 'Reject', done: 'rejected', units: () => 0, unitsMax: underWay, reason: REASON },
  ...{ title: 'What does the destination refuse?', text: 'It goes back to the origin, in-transit until it is there.' },
};
const RETURN: Telling = {
  ...{ type: 'return', name: 'Return', done: 'back at the origin', units: comingBack, unitsMax: comingBack },
  ...{ title: 'What is back at the origin?', text: 'It is on-hand there again.' },
};
const SHORT_BACK: Telling = {
  ...{ type: 'short', leg: 'back', name: 'Short on the way back', done: 'some will not come back' },
  ...{ units: () => 0, unitsMax: comingBack, reason: REASON },
  ...{ title: 'What will not come back?', text: 'It is not in-transit any more, and at neither end.' },
};

export function transferActions(transfer: Transfer): readonly Action[] {
  const { status, lines } = transfer;
  if (status === 'requesting' || status === 'refused') return [];
  const tellings = [
    ...(status === 'requested' || status === 'underway' ? [DISPATCH] : []),
    ...(lines.some((line) => line.underWay > 0) ? [RECEIVE, SHORT, REJECT] : []),
    ...(lines.some((line) => line.comingBack > 0) ? [RETURN, SHORT_BACK] : []),
    ...(status === 'underway' || status === 'completed' ? [OVER] : []),
  ];
  const isKept = lines.some(({ setAside }) => setAside > 0);
  return [...tellings.map((telling) => actionOf(transfer, telling)), ...(isKept ? [cancellation(transfer)] : [])];
}

function actionOf({ lines: all }: Transfer, telling: Telling): Action {
  const { type, leg, name, title, text, done, reason, units, unitsMax } = telling;
  const lines = all.filter((line) => unitsMax === undefined || unitsMax(line) > 0);
  return {
    ...{ name, done, question: { title, text, ...(reason && { reason }) } },
    lines: lines.map((line) => ({ name: line.sku, units: units(line), unitsMax: unitsMax?.(line) })),
    command(confirmed, said) {
      const told = positive(lines.map(({ sku }, n) => ({ sku, quantity: said[n]! })));
      if (told.length === 0) return undefined;
      const why = confirmed.reason === undefined ? {} : { reason: confirmed.reason };
      return { type, lines: told, ...(leg && { leg }), ...why };
    },
  };
}

function cancellation({ id }: Transfer): Action {
  return {
    ...{ name: 'Call off', done: 'what had not left is free again' },
    question: {
      title: `Call off what has not left of transfer ${id}?`,
      text: 'What is set aside for it at the origin is free again. What is in-transit stays so.',
      isDanger: true,
    },
    command: () => ({ type: 'cancel' }),
  };
}
