// On-hand by its definition, written down a second time: what any shorter way of folding must agree with.
import type { StockEvent } from '../../domain/stock/events.ts';
import { onHandDelta } from '../../domain/stock/movement.ts';

/** On-hand by the definition (R6): the last count in event time plus what moved after it. */
export function onHandByDefinition(events: readonly StockEvent[], at: number): number {
  const happened = events.filter((event) => event.occurredAt <= at);
  const counts = happened.filter((event) => event.type === 'StockCounted');
  const last = counts.toSorted((a, b) => a.occurredAt - b.occurredAt || (a.commandId < b.commandId ? -1 : 1)).at(-1);
  const after = happened.filter((event) => last === undefined || event.occurredAt > last.occurredAt);
  return (last?.counted ?? 0) + after.reduce((sum, event) => sum + onHandDelta(event), 0);
}
