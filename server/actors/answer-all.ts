// Answers every command of a batch, once its events are durable.
import { type EventLog, type Position, Unavailable } from '../../domain/event-log.ts';
import { readStockEvent, type StockEvent } from '../../domain/stock/events.ts';
import type { Accepted, Answer } from './answer.ts';
import type { Batch, Verdict } from './batch.ts';

/** @param position of the batch's last event: at or after each command's own, which is what a reader must wait for */
export function answerAll(batch: Batch, position: Position, stream: string, log: EventLog): void {
  batch.verdicts.forEach((verdict, n) => {
    const { answer } = batch.waiting[n]!;
    if (verdict.outcome === 'refused') answer(verdict);
    else if (verdict.outcome === 'event')
      answer(accepted(verdict.event, verdict.revision, verdict.duplicate, position));
    else void original(verdict, stream, log).then(answer);
  });
}

/** A duplicate is answered with the event that its first delivery made, however long ago that was. */
async function original(
  verdict: Extract<Verdict, { outcome: 'recalled' }>,
  stream: string,
  log: EventLog,
): Promise<Answer> {
  const { revision } = verdict;
  try {
    const [recorded] = await log.read(stream, revision, 1);
    if (recorded === undefined) throw new Unavailable('down', `${stream}@${revision} could not be read`);
    return accepted(readStockEvent(recorded), revision, true, recorded.position);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { outcome: 'failed', reason: 'unavailable', detail, retryAfterMs: 1_000 };
  }
}

function accepted(event: StockEvent, revision: number, duplicate: boolean, position: Position): Accepted {
  const outcome = event.type === 'FactParked' ? 'parked' : 'accepted';
  return { outcome, duplicate, eventType: event.type, revision, position, levels: event.levels };
}
