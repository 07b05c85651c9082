// Compares what every client was told with the event log, by the ids of commands: accepted is there exactly once, turned
// away not at all, and what nobody knows at most once. An order that was turned away holds no unit, nor does one that ended.
import { openSqliteLog } from '../../adapters/event-log/sqlite/log.ts';
import { type RecordedEvent, START } from '../../domain/event-log.ts';
import { parseReservationId } from '../../domain/order/order.ts';
import { OUTCOME } from './crowd/journal.ts';
import { parseCommandId } from './names.ts';

export interface Audited {
  readonly events: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  /** Of the unknown ones, those that were taken. */
  readonly unknownTaken: number;
  readonly acceptedMissing: number;
  readonly refusedTaken: number;
  readonly twice: number;
  /** Ids of commands that no client has sent. */
  readonly foreign: number;
  /** Units that are reserved for an order that has ended, or that nobody placed. */
  readonly heldForNobody: number;
  /** Ids of what is wrong. */
  readonly examples: readonly string[];
}

const PAGE = 5_000;
const EXAMPLES_MAX = 10;
/** A count of 255 means as many or more. */
const COUNT_MAX = 255;

/** @param directory of an embedded log that nobody has open */
export async function audit(directory: string, journals: ReadonlyMap<string, Uint8Array>): Promise<Audited> {
  const log = await openSqliteLog({ directory, clock: { now: Date.now } });
  try {
    const counts = new Map([...journals].map(([group, journal]) => [group, new Uint8Array(journal.length)]));
    const holds = createHolds();
    let events = 0;
    let foreign = 0;
    const examples: string[] = [];
    for (let after = START; ; ) {
      const page = await log.readAll(after, PAGE);
      if (page.length === 0) break;
      for (const event of page) {
        events += 1;
        holds.take(event);
        const named = ownCommand(event);
        if (named === undefined) continue;
        const counted = counts.get(named.group);
        if (counted === undefined || named.number >= counted.length) {
          foreign += 1;
          if (examples.length < EXAMPLES_MAX) examples.push(String(event.data['commandId']));
        } else counted[named.number] = Math.min(COUNT_MAX, counted[named.number]! + 1);
      }
      after = page.at(-1)!.position;
    }
    const compared = compare(journals, counts, examples);
    return { events, foreign, heldForNobody: holds.forNobody(), ...compared, examples };
  } finally {
    await log.close();
  }
}

/** The event that a command of the crowd made. Of an order the first: what follows names the same command. */
function ownCommand({ stream, type, data }: RecordedEvent) {
  const id = data['commandId'];
  if (typeof id !== 'string') return undefined;
  if (stream.startsWith('order-') && type !== 'OrderPlaced') return undefined;
  return stream.startsWith('stock-') || stream.startsWith('order-') ? parseCommandId(id) : undefined;
}

function compare(
  journals: ReadonlyMap<string, Uint8Array>,
  counts: ReadonlyMap<string, Uint8Array>,
  examples: string[],
) {
  const found = { accepted: 0, refused: 0, unknown: 0, unknownTaken: 0, acceptedMissing: 0, refusedTaken: 0, twice: 0 };
  for (const [group, journal] of journals) {
    const counted = counts.get(group)!;
    for (let number = 0; number < journal.length; number += 1) {
      const outcome = journal[number]!;
      const count = counted[number]!;
      const wrong = (what: 'acceptedMissing' | 'refusedTaken' | 'twice') => {
        found[what] += 1;
        if (examples.length < EXAMPLES_MAX) examples.push(`${what} ${group}.${number}`);
      };
      if (count > 1) wrong('twice');
      if (outcome === OUTCOME.accepted) {
        found.accepted += 1;
        if (count === 0) wrong('acceptedMissing');
      } else if (outcome === OUTCOME.unknown) {
        found.unknown += 1;
        if (count > 0) found.unknownTaken += 1;
      } else {
        found.refused += 1;
        if (count > 0) wrong('refusedTaken');
      }
    }
  }
  return found;
}

const ENDED: ReadonlySet<unknown> = new Set(['refused', 'expired', 'cancelled']);

/** What is reserved, by reservation; the ids of orders' reservations begin with theirs. */
function createHolds() {
  const held = new Map<string, number>();
  const open = new Set<string>();
  return {
    take({ stream, type, data }: RecordedEvent) {
      if (stream.startsWith('order-')) {
        // Still owed: it will be given back.
        const isOpen = !ENDED.has(data['status']) || (data['owed'] as number) > 0;
        if (isOpen) open.add(stream.slice('order-'.length));
        else open.delete(stream.slice('order-'.length));
        return;
      }
      const id = data['reservationId'];
      if (typeof id !== 'string' || !stream.startsWith('stock-')) return;
      const units = data['quantity'] as number;
      if (type === 'ReservationMade') held.set(id, units);
      else if (type === 'ReservationReleased' || type === 'ReservationExpired') {
        const left = (held.get(id) ?? 0) - units;
        if (left <= 0) held.delete(id);
        else held.set(id, left);
      }
    },
    forNobody: () => [...held.keys()].filter((id) => !open.has(parseReservationId(id)?.orderId ?? '')).length,
  };
}
