// Folds one event into a transfer: its status by the statechart, its lines, and what it owes the stocks from then on.
// Pure and total over every event ever written; replay is this alone.
import type { Sku } from '../stock/stream.ts';
import type { Instant } from '../time.ts';
import { asksOf, owing, releaseOf, requestOf } from './asks.ts';
import type { StockAnswered, TransferHappening, TransferHappeningOf } from './events.ts';
import { statusAfter } from './machine.ts';
import { type Discrepancy, emptyLine, lineOf, setAside, type Transfer, type TransferLine } from './transfer.ts';

export function evolve(before: Transfer, event: TransferHappening, recordedAt: Instant): Transfer {
  const status = statusAfter(before.status, event.type) ?? before.status;
  switch (event.type) {
    case 'TransferStocksAnswered':
      return answered(before, event.answers);
    case 'TransferStuck':
      return { ...before, status, stuck: true, timesStuck: before.timesStuck + 1 };
    default:
      return changed({ ...before, status, heardAt: recordedAt, stuck: false }, event, recordedAt);
  }
}

type Heard = Exclude<TransferHappening, { type: 'TransferStocksAnswered' | 'TransferStuck' }>;

function changed(transfer: Transfer, event: Heard, recordedAt: Instant): Transfer {
  switch (event.type) {
    case 'TransferOpened':
      return opened({ ...transfer, openedAt: recordedAt }, event);
    case 'TransferDeclined':
    case 'TransferCalledOff':
      return released(transfer);
    case 'TransferSetAside':
    case 'TransferCompleted':
      return transfer;
    default:
      return moved(transfer, event);
  }
}

function opened(transfer: Transfer, { from, to, lines }: TransferHappeningOf<'TransferOpened'>): Transfer {
  const asked = lines.map(({ sku, quantity }): TransferLine => {
    return { ...emptyLine(sku), requested: quantity, hold: 'asked' };
  });
  return owing({ ...transfer, from, to, lines: bySku(asked) }, asked.map(requestOf));
}

/** Lets go whatever is set aside, or will be once the stock has answered. */
function released(transfer: Transfer): Transfer {
  const kept = [...transfer.lines.values()].filter((line) => setAside(line) > 0);
  const free = bySku(kept.map((line) => ({ ...line, hold: 'released' })));
  return owing({ ...transfer, lines: new Map([...transfer.lines, ...free]) }, kept.map(releaseOf));
}

type Movement = Extract<TransferHappening, { occurredAt: Instant }>;

function moved(transfer: Transfer, event: Movement): Transfer {
  const { lines, occurredAt } = event;
  const after = lines.map(({ sku, quantity }) => movedLine(lineOf(transfer, sku), event, quantity));
  const discrepancy = discrepancyOf(event);
  return owing(
    {
      ...transfer,
      lines: new Map([...transfer.lines, ...bySku(after)]),
      discrepancies: discrepancy === undefined ? transfer.discrepancies : [...transfer.discrepancies, discrepancy],
    },
    lines.map(({ sku, quantity }) => ({ sku, quantity, occurredAt, asks: asksOf(event) })),
  );
}

function movedLine(line: TransferLine, event: Movement, quantity: number): TransferLine {
  switch (event.type) {
    case 'TransferUnitsDispatched':
      return { ...line, dispatched: line.dispatched + quantity };
    case 'TransferUnitsReceived':
      return { ...line, received: line.received + quantity };
    case 'TransferUnitsOver':
      return { ...line, over: line.over + quantity };
    case 'TransferUnitsRejected':
      return { ...line, rejected: line.rejected + quantity };
    case 'TransferUnitsReturned':
      return { ...line, returned: line.returned + quantity };
    case 'TransferUnitsShort':
      return event.leg === 'out'
        ? { ...line, short: line.short + quantity }
        : { ...line, shortBack: line.shortBack + quantity };
  }
}

function discrepancyOf(event: Movement): Discrepancy | undefined {
  const { lines, occurredAt } = event;
  switch (event.type) {
    case 'TransferUnitsShort':
      return { type: 'short', leg: event.leg, occurredAt, reason: event.reason, lines };
    case 'TransferUnitsRejected':
      return { type: 'rejected', occurredAt, reason: event.reason, lines };
    case 'TransferUnitsOver':
      return { type: 'over', occurredAt, ...(event.reason === undefined ? {} : { reason: event.reason }), lines };
    default:
      return undefined;
  }
}

/** In one pass: hundreds of stocks may answer at once. */
function answered(transfer: Transfer, answers: readonly StockAnswered[]): Transfer {
  const byCommand = new Map(answers.map((answer) => [answer.commandId, answer]));
  const lines = new Map(transfer.lines);
  for (const { id, type, sku } of transfer.owed) {
    const answer = byCommand.get(id);
    const line = lines.get(sku);
    if (answer !== undefined && line !== undefined && type === 'transfer.request') lines.set(sku, heard(line, answer));
  }
  const after: Transfer = { ...transfer, lines, owed: transfer.owed.filter(({ id }) => !byCommand.has(id)) };
  return answers.reduce((one, { stray }) => (stray === undefined ? one : freed(one, lineOf(one, stray))), after);
}

/** A release or a refusal that came meanwhile holds. */
function heard(line: TransferLine, { reason, detail = '' }: StockAnswered): TransferLine {
  const isAsked = line.hold === 'asked';
  if (reason === undefined) return isAsked ? { ...line, hold: 'kept' } : line;
  return isAsked ? { ...line, hold: 'refused', unkept: true, refusal: { reason, detail } } : { ...line, unkept: true };
}

function freed(transfer: Transfer, line: TransferLine): Transfer {
  const lines = new Map(transfer.lines).set(line.sku, { ...line, hold: 'released', unkept: false });
  return owing({ ...transfer, lines }, [releaseOf(line)]);
}

function bySku(lines: readonly TransferLine[]): ReadonlyMap<Sku, TransferLine> {
  return new Map(lines.map((line) => [line.sku, line]));
}
