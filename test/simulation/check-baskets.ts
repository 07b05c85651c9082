// What must hold of workflows in the end, by the log and by what clients were told: all lines or none, nothing kept for
// what was refused or given up, nothing left half done.

import type { RecordedEvent } from '../../domain/event-log.ts';
import { START } from '../../domain/event-log.ts';
import type { WorkflowFrame } from '../../domain/workflow.ts';
import { type Basket, type BasketEvent, basket, basketReservation, phaseOf } from './basket.ts';
import { linesKept, type PlacedBasket } from './basket-traffic.ts';
import type { Journal } from './journal.ts';
import type { Reference } from './reference.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

export interface BasketsToCheck {
  readonly baskets: readonly PlacedBasket[];
  readonly events: readonly RecordedEvent[];
  readonly reference: Reference;
  readonly journal: Journal;
  readonly scenario: Scenario;
  readonly trace: Trace;
}

export function checkBaskets({ baskets, events, reference, journal, scenario, trace }: BasketsToCheck): void {
  const of = new Map(baskets.map(({ id }) => [`basket-${id}`, [] as RecordedEvent[]]));
  for (const event of events) of.get(event.stream)?.push(event);
  for (const placed of baskets) {
    const own = of.get(`basket-${placed.id}`)!;
    checkCommands(placed, own, trace);
    const has = (type: string) => own.some((event) => event.type === type);
    const kept = linesKept(reference, placed);
    const some = placed.lines.filter(({ sku, location }, n) =>
      reference.stocks.get(`${sku} at ${location}`)?.holds.has(basketReservation(placed.id, n)),
    ).length;
    if (kept !== some || (some > 0 && some < placed.lines.length)) {
      trace.violated(
        'R7',
        `basket ${placed.id} ends with ${some} of ${placed.lines.length} lines reserved, ${kept} whole`,
      );
    }
    if (some > 0 && !has('BasketConfirmed'))
      trace.violated('R7', `basket ${placed.id} was never confirmed and keeps units`);
    if (some > 0 && has('BasketCancelled')) trace.violated('R7', `basket ${placed.id} was cancelled and keeps units`);
    const owed = basket.owed(folded(placed.id, own));
    if (owed.length > 0)
      trace.violated('R7', `basket ${placed.id} was left half done: it owes ${owed.map(({ id }) => id).join()}`);
    if (!scenario.remote) checkGivenBack(placed, own, journal, trace);
  }
}

/** Every command taken once, every answer true, every cause known. */
function checkCommands({ id, told }: PlacedBasket, own: readonly RecordedEvent[], trace: Trace): void {
  const seen = new Set<string>();
  let before = '';
  for (const { data, revision, metadata } of own) {
    const command = String(data['commandId']);
    if (command !== before && seen.has(command))
      trace.violated('P2', `${command} had its effect twice in basket ${id}`);
    if (String(metadata['causationId']) !== command)
      trace.violated('P16', `basket-${id}@${revision} names another cause`);
    seen.add(command);
    before = command;
  }
  for (const [command, answer] of told) {
    if ((answer === 'accepted') !== seen.has(command)) {
      trace.violated(
        'acknowledged',
        `${command} was told ${answer} and ${seen.has(command) ? 'is' : 'is not'} in basket-${id}`,
      );
    }
  }
}

/**
 * With one process nothing is left for the expiry to clean up: what was not wanted was given back by the workflow itself.
 * (With two, an append of unknown outcome may land when its workflow has gone on without it: then expiry is what frees it.)
 */
function checkGivenBack(placed: PlacedBasket, own: readonly RecordedEvent[], journal: Journal, trace: Trace): void {
  const end = own.at(-1)?.position ?? START;
  const phase = phaseOf(folded(placed.id, own));
  if (phase !== 'refused' && phase !== 'cancelled' && phase !== 'lapsed') return;
  placed.lines.forEach((_, n) => {
    const expired = journal.entry(`expire:${basketReservation(placed.id, n)}`)?.accepted;
    if (expired === undefined || expired.position < end) return;
    trace.violated('R7', `line ${n} of basket ${placed.id}, which is ${phase}, was freed by expiry alone`);
  });
}

function folded(id: string, own: readonly RecordedEvent[]): Basket {
  return own.reduce(
    (state, { type, data }) => basket.evolve(state, { type, ...data } as unknown as BasketEvent & WorkflowFrame),
    basket.initial(id),
  );
}
