// Makes an event of the log into what its ERP is to post. Reads what the event alone does not tell: on-hand before it, and
// for lost units of a transfer which way they went.

import { traceparentIn } from '../../adapters/telemetry/trace-context.ts';
import { type Movement, type MovementRules, mayMove, movementsOf } from '../../domain/erp/movement.ts';
import { countedThere } from '../../domain/erp/own-fact.ts';
import type { ErpPolicy } from '../../domain/erp/policy.ts';
import type { EventLog, Position, RecordedEvent } from '../../domain/event-log.ts';
import { readStockEvent } from '../../domain/stock/events.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';

/** One event with all its movements, in order; empty: the books do not change. */
export interface Entry {
  readonly position: Position;
  readonly sku: string;
  readonly place: string;
  readonly movements: readonly Movement[];
  /** W3C trace context that the event came with. */
  readonly traceparent: string | undefined;
}

/** Whether the books of the ERP can have to do with an event: quick, and never wrong about one that they have. */
export function concernsOf({ locations, since }: ErpPolicy): (event: RecordedEvent) => boolean {
  const kept = locations === undefined ? undefined : new Set(locations);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  return ({ stream, type, data }) => {
    if (!mayMove(type)) return false;
    const stock = parseStockStream(stream);
    if (stock === undefined || kept?.has(stock.location) === false) return false;
    return (data['recordedAt'] as number) >= from;
  };
}

export function rulesOf({ id, movements, ownSources }: ErpPolicy): MovementRules {
  const own = new Set([id, ...ownSources]);
  return {
    kinds: new Set(movements),
    isOwn: (source) => own.has(source),
    countedThere: (commandId) => countedThere(id, commandId),
  };
}

/** @throws UnknownEventVersion · Unavailable */
export async function entryOf(
  recorded: RecordedEvent,
  rules: MovementRules,
  log: Pick<EventLog, 'read'>,
): Promise<Entry> {
  const { stream, revision, position, id } = recorded;
  const { sku, location } = parseStockStream(stream)!;
  const event = readStockEvent(recorded);
  const place = `${stream}@${revision}`;
  const before = revision === 0 ? 0 : await onHandAt(stream, revision - 1, log);
  const mayBeBack = event.type === 'TransferShort' && event.end === 'destination';
  const isOnWayBack = mayBeBack ? (await originOf(event.transferId, log)) === location : undefined;
  const movements = movementsOf({ event, id, place, sku, location, before, isOnWayBack }, rules);
  return { position, sku, place, movements, traceparent: traceparentIn(recorded) };
}

async function onHandAt(stream: string, revision: number, log: Pick<EventLog, 'read'>): Promise<number> {
  const [before] = await log.read(stream, revision, 1);
  if (before === undefined) throw new Error(`${stream}@${revision} is not in the log`);
  return readStockEvent(before).levels.onHand;
}

/** Where a transfer set out from; undefined: it was told to the stocks alone. */
async function originOf(transferId: string, log: Pick<EventLog, 'read'>): Promise<string | undefined> {
  const [opened] = await log.read(`transfer-${transferId}`, 0, 1);
  const from = opened?.data['from'];
  return typeof from === 'string' ? from : undefined;
}
