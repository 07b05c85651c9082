// The end of a held stream and the state there, found from its last pages alone: some of its events carry the state whole.
import { CHAIN_GENESIS, type StreamEnd } from '../../domain/event-id.ts';
import type { EventLog, RecordedEvent } from '../../domain/event-log.ts';

/** What has to be known of a stream to find its end. */
export interface Foldable<S, E> {
  readonly stream: string;
  readonly carriedIn: string;
  read(recorded: RecordedEvent): E;
  evolve(state: S, event: E): S;
  carriedBy(event: E): S;
}

export interface Found<S, E> {
  readonly end: StreamEnd;
  readonly last: E | undefined;
  /** Undefined: nobody has ever begun. */
  readonly carried: { readonly state: S } | undefined;
}

const PAGE = 200;

/** @throws UnknownEventVersion · Unavailable */
export async function findEnd<S, E>(kind: Foldable<S, E>, log: Pick<EventLog, 'read'>): Promise<Found<S, E>> {
  const { stream, carriedIn } = kind;
  const known = await lastRevision(stream, log);
  if (known < 0) return { end: { stream, revision: -1, hash: CHAIN_GENESIS }, last: undefined, carried: undefined };
  const tail: RecordedEvent[] = [];
  let carried = -1;
  for (let first = known + 1; first > 0 && carried < 0; ) {
    const from = Math.max(0, first - PAGE);
    tail.unshift(...(await log.read(stream, from, first - from)));
    first = from;
    carried = tail.findLastIndex(({ data }) => data[carriedIn] !== undefined);
  }
  if (carried < 0) throw new Error(`${stream} carries no ${carriedIn}: it does not begin as such a stream does`);
  const events = tail.slice(carried).map((event) => kind.read(event));
  const [start, ...rest] = events;
  const last = tail.at(-1)!;
  return {
    end: { stream, revision: last.revision, hash: String(last.metadata['hash']) },
    last: events.at(-1),
    carried: { state: rest.reduce(kind.evolve, kind.carriedBy(start!)) },
  };
}

/** -1: it has no event. */
async function lastRevision(stream: string, log: Pick<EventLog, 'read'>): Promise<number> {
  const exists = async (revision: number) => (await log.read(stream, revision, 1)).length > 0;
  let known = -1;
  let step = 1;
  while (await exists(known + step)) {
    known += step;
    step *= 2;
  }
  for (; step > 1; step = Math.ceil(step / 2))
    if (await exists(known + Math.ceil(step / 2))) known += Math.ceil(step / 2);
  while (await exists(known + 1)) known += 1;
  return known;
}
