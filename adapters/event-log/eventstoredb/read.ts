// Reads of one stream and of the whole log. `$all` is read inclusive of the position given and with system events in it;
// both are taken out here. Every read is cut when the server stays silent for the deadline: the client does not do that, and
// a limit on the whole read would never get past a long run of system events.
import {
  type AllStreamResolvedEvent,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  FORWARDS,
  NotLeaderError,
  type ReadAllOptions,
  type ReadPosition,
  START as START_OF_LOG,
  type StreamingRead,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { type Position, type RecordedEvent, START } from '../../../domain/event-log.ts';
import type { Connection } from './connection.ts';
import { DeadlinePassed, isTimeout, readFailure } from './errors.ts';
import { leaderChange } from './leader.ts';
import { positionOf, recorded } from './recorded.ts';

const ALL_PAGE_MIN = 500;

export async function readStream(
  connection: Connection,
  stream: string,
  from: number,
  limit: number,
): Promise<RecordedEvent[]> {
  if (limit <= 0) return [];
  const found: RecordedEvent[] = [];
  await drain(
    connection,
    `reading ${stream}`,
    (client) =>
      client.readStream(stream, {
        fromRevision: BigInt(Math.max(from, 0)),
        maxCount: limit,
        direction: FORWARDS,
        resolveLinkTos: false,
        requiresLeader: true,
      }),
    (resolved) => {
      const event = recorded(resolved);
      if (event !== undefined) found.push(event);
      return true;
    },
  );
  return found;
}

export async function readAllAfter(connection: Connection, after: Position, limit: number): Promise<RecordedEvent[]> {
  if (limit <= 0) return [];
  const found: RecordedEvent[] = [];
  const pageSize = Math.max(limit + 1, ALL_PAGE_MIN);
  let from: ReadPosition = after === START ? START_OF_LOG : { commit: after, prepare: after };
  for (;;) {
    let considered = 0;
    const page: ReadAllOptions = {
      fromPosition: from,
      maxCount: pageSize,
      direction: FORWARDS,
      resolveLinkTos: false,
      requiresLeader: true,
    };
    const visit = (resolved: AllStreamResolvedEvent) => {
      considered += 1;
      if (resolved.event !== undefined) from = resolved.event.position;
      const event = recorded(resolved);
      if (event !== undefined && event.position > after) found.push(event);
      return found.length < limit;
    };
    await drain(connection, 'reading $all', (client) => client.readAll(page), visit);
    // A page of nothing but system events is not the head: an empty answer would be taken for it.
    if (found.length > 0 || considered < pageSize) return found;
  }
}

/** How far earlier calls have looked, so that a run of system events at the end is read once and not at every call. */
export interface HeadScan {
  /** The newest position seen, of any event, system events included. */
  newest: Position;
  /** The head as of `newest`. */
  head: Position;
}

export const unscanned = (): HeadScan => ({ newest: START, head: START });

export async function headOf(connection: Connection, scan: HeadScan): Promise<Position> {
  let newest = START;
  let head = START;
  await drain(
    connection,
    'reading the head',
    (client) =>
      client.readAll({ fromPosition: END, direction: BACKWARDS, resolveLinkTos: false, requiresLeader: true }),
    (resolved) => {
      const position = positionOf(resolved);
      // A log that ends before the place seen last was cut or restored: what was seen then is worth nothing.
      if (newest === START && position < scan.newest) Object.assign(scan, unscanned());
      if (newest === START) newest = position;
      if (position <= scan.newest) head = scan.head;
      else head = recorded(resolved)?.position ?? START;
      return head === START && position > scan.newest;
    },
  );
  if (newest > scan.newest) Object.assign(scan, { newest, head });
  return head;
}

/** Visits events until `visit` answers false; an unknown stream has none. */
async function drain<E>(
  connection: Connection,
  what: string,
  open: (client: EventStoreDBClient) => StreamingRead<E>,
  visit: (event: E) => boolean,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = connection.client();
    try {
      return await visitEach(open(client), connection.deadlineMs, visit);
    } catch (error) {
      if (error instanceof StreamNotFoundError) return;
      if (isTimeout(error)) connection.suspect(client);
      // The leader says no before its first event, so a second attempt visits nothing twice.
      if (error instanceof NotLeaderError && (await leaderChange(attempt))) continue;
      throw readFailure(error, what);
    }
  }
}

async function visitEach<E>(
  reading: StreamingRead<E>,
  silenceMsMax: number,
  visit: (event: E) => boolean,
): Promise<void> {
  // An error that the client emits after the loop was left would have no listener, and end the process.
  reading.on('error', () => undefined);
  const silent = () => reading.destroy(new DeadlinePassed(`no answer within ${silenceMsMax} ms`));
  const watchdog = setTimeout(silent, silenceMsMax);
  try {
    for await (const event of reading.iterator({ destroyOnReturn: false })) {
      watchdog.refresh();
      if (!visit(event as E)) return;
    }
  } finally {
    clearTimeout(watchdog);
    // Leaving the loop early must end the call under the read too: cancelled if it is still running, read to its end if it is
    // not. Destroying the read instead leaves that call open, and in the client's list of open calls for ever.
    void reading.cancel().catch(() => undefined);
    setImmediate(() => reading.resume());
  }
}
