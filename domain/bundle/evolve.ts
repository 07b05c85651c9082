// Folds one event into the handling of a bundle: what each command came to, the reservation, and what is owed to the
// components from then on. Pure and total over every bundle event ever written.
import { takeCommittedFirst, takeHeldFirst } from '../stock/evolve.ts';
import { type AskingEvent, asksOf, type Framed, giveBack } from './asks.ts';
import type { BundleHappeningOf, ComponentAnswered, Definition } from './events.ts';
import { type BundleHold, definitionOf, type Handling, type HoldChange, type Pending, type Told } from './handling.ts';

export function evolve(before: Handling, event: Framed): Handling {
  const handling = { ...before, events: before.events + 1 };
  switch (event.type) {
    case 'BundleSold':
    case 'BundleFulfilled':
      return asking(handling, event, event.definition, { consumed: event.quantity });
    case 'BundleReturned':
      return asking(handling, event, event.definition, undefined);
    case 'BundleFactParked':
      return toldOf(handling, event.commandId, {
        ...{ event: event.type, revision: before.events, settled: true, version: '' },
        ...{ components: [], refusal: undefined },
      });
    case 'BundleReservationAsked':
      return making(handling, event);
    case 'BundleReservationMade':
      return settled(retold(handling, { event: event.type, revision: before.events }));
    case 'BundleReservationRefused':
      return givingBack(handling, event);
    case 'BundleReservationRenewed':
      return changing(handling, event, { renewed: event.expiresAt });
    case 'BundleReservationCommitted':
      return changing(handling, event, { committed: event.quantity });
    case 'BundleReservationReleased':
    case 'BundleReservationExpired':
      return changing(handling, event, { released: event.quantity });
    case 'BundleComponentsAnswered':
      return event.answers.reduce((one, answer) => answered(one, answer, event.source), handling);
  }
}

function changing(handling: Handling, event: AskingEvent, change: HoldChange): Handling {
  return asking(handling, event, definitionOf(handling) ?? { version: '', components: [] }, change);
}

/** Every component is asked at once. */
function asking(
  handling: Handling,
  event: AskingEvent,
  definition: Definition,
  change: HoldChange | undefined,
): Handling {
  const asks = asksOf(handling, event, definition);
  return pend(handling, event, definition, { commandId: event.commandId, asks, rest: [], change });
}

/** The first component alone: it is the one that refuses, if any does. */
function making(handling: Handling, event: Framed<BundleHappeningOf<'BundleReservationAsked'>>): Handling {
  const { definition, first, reservationId, channel, quantity: held, expiresAt } = event;
  const asks = asksOf(handling, event, definition);
  const made: BundleHold = { reservationId, channel, held, committed: 0, expiresAt, definition };
  return pend(handling, event, definition, {
    commandId: event.commandId,
    asks: asks.filter(({ sku }) => sku === first),
    rest: asks.filter(({ sku }) => sku !== first),
    change: { made },
  });
}

function pend(handling: Handling, event: AskingEvent, definition: Definition, pending: Pending): Handling {
  const { version, components } = definition;
  const told: Told = {
    ...{ event: event.type, revision: handling.events - 1, settled: false, version, refusal: undefined },
    components: components.map(({ sku, quantity }) => {
      return { sku, quantity, outcome: undefined, revision: undefined, refusal: undefined };
    }),
  };
  return toldOf({ ...handling, pending: [...handling.pending, pending] }, event.commandId, told);
}

/** The first pending command came to more. */
function retold(handling: Handling, more: Partial<Told>): Handling {
  const { commandId } = handling.pending[0] ?? {};
  const told = commandId === undefined ? undefined : handling.told.get(commandId);
  return commandId === undefined || told === undefined ? handling : toldOf(handling, commandId, { ...told, ...more });
}

function toldOf(handling: Handling, commandId: string, told: Told): Handling {
  return { ...handling, told: new Map(handling.told).set(commandId, told) };
}

function answered(handling: Handling, answer: ComponentAnswered, source: string): Handling {
  if (answer.strayOf !== undefined) return strayed(handling, answer, answer.strayOf, source);
  const [first, ...others] = handling.pending;
  if (first === undefined) return handling;
  const asks = first.asks.filter(({ sku }) => sku !== answer.sku);
  const goesOn = asks.length === 0 && answer.outcome !== 'refused';
  const next: Pending = goesOn ? { ...first, asks: first.rest, rest: [] } : { ...first, asks };
  const noted = noteAnswer({ ...handling, pending: [next, ...others] }, first.commandId, answer);
  return asks.length > 0 || next.asks.length > 0 || isMaking(first) ? noted : settled(noted);
}

function isMaking({ change }: Pending): boolean {
  return change !== undefined && 'made' in change;
}

/** What is given back stays told as it was answered when it was asked for. */
function noteAnswer(handling: Handling, commandId: string, answer: ComponentAnswered): Handling {
  const { sku, outcome, revision, reason, detail = '' } = answer;
  const told = handling.told.get(commandId)!;
  const refusal = reason === undefined ? undefined : { reason, detail };
  const components = told.components.map((one) =>
    one.sku === sku && one.outcome === undefined ? { ...one, outcome, revision, refusal } : one,
  );
  return toldOf(handling, commandId, { ...told, components });
}

/** The first pending command has all its answers: the hold is what it makes of it, and the next one's turn comes. */
function settled(handling: Handling): Handling {
  const [first, ...pending] = handling.pending;
  if (first === undefined) return handling;
  const told = handling.told.get(first.commandId)!;
  const hold = first.change === undefined ? handling.hold : holdAfter(handling.hold, first.change);
  return toldOf({ ...handling, pending, hold }, first.commandId, { ...told, settled: true });
}

function holdAfter(hold: BundleHold | undefined, change: HoldChange): BundleHold | undefined {
  if ('made' in change) return change.made;
  if (hold === undefined) return undefined;
  const after = changed(hold, change);
  return after.held + after.committed <= 0 ? undefined : after;
}

function changed(hold: BundleHold, change: Exclude<HoldChange, { made: BundleHold }>): BundleHold {
  if ('renewed' in change) return { ...hold, expiresAt: change.renewed };
  if ('released' in change) return takeHeldFirst(hold, change.released);
  if ('consumed' in change) return takeCommittedFirst(hold, Math.min(hold.held + hold.committed, change.consumed));
  return { ...hold, held: hold.held - change.committed, committed: hold.committed + change.committed };
}

function givingBack(handling: Handling, event: Framed<BundleHappeningOf<'BundleReservationRefused'>>): Handling {
  const [first, ...others] = handling.pending;
  if (first === undefined) return handling;
  const { reservationId, reason, detail } = event;
  const told = { ...handling.told.get(first.commandId)!, refusal: { reason, detail } };
  const asks = told.components
    .filter(({ outcome }) => outcome === 'accepted')
    .map(({ sku }) => giveBack(handling, sku, reservationId, first.commandId, event.source));
  const next = { commandId: first.commandId, asks, rest: [], change: undefined };
  const refused = toldOf({ ...handling, pending: [next, ...others] }, first.commandId, told);
  return asks.length === 0 ? settled(refused) : refused;
}

/** Another process had asked too, and was answered otherwise. */
function strayed(handling: Handling, { sku }: ComponentAnswered, commandId: string, source: string): Handling {
  const { reservationId } = reservationOf(handling);
  const asks = [giveBack(handling, sku, reservationId, commandId, source)];
  return { ...handling, pending: [...handling.pending, { commandId, asks, rest: [], change: undefined }] };
}

/** Streams of one reservation have its id in their name. */
function reservationOf({ id }: Handling): { readonly reservationId: string } {
  return { reservationId: id.split('~').slice(3).join('~') };
}
