// Events that somebody could not take: those that projections set aside (one case for each projection, because a rebuild
// mends it whole) and those that reactions set aside (one case for each event, which is all that is kept of it).

import type { EventLog, RecordedEvent } from '../../domain/event-log.ts';
import type { CaseSink, Cause } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import type { Reactions } from '../reactions/reactions.ts';
import type { Remedy } from './remedies.ts';
import type { Look } from './watching.ts';

export const PROJECTION_PREFIX = 'projection:';
export const REACTION_PREFIX = 'reaction:';
const REASON_LENGTH_MAX = 500;
const REBUILD_MS_MAX = 10_000;

export interface PoisonRoom {
  readonly readModel: Pick<ReadModel, 'status' | 'deadLetters' | 'rebuild'>;
  readonly cases: () => Pick<CasesReader, 'lasting'>;
  readonly sink: Pick<CaseSink, 'raise' | 'cleared'>;
}

export function watchDeadLetters({ readModel, cases, sink }: PoisonRoom): Look {
  return () => {
    const counts = new Map<string, number>();
    for (const { name, deadLetters, deadLettersForgotten } of readModel.status().projections)
      if (deadLetters > 0) counts.set(PROJECTION_PREFIX + name, deadLetters + deadLettersForgotten);
    const known = new Map<string, string>();
    for (const { key, detail } of cases().lasting('poison-message'))
      if (key.startsWith(PROJECTION_PREFIX)) known.set(key, detail);
    for (const key of known.keys()) if (!counts.has(key)) sink.cleared('poison-message', key);
    for (const [key, count] of counts) {
      const cause = ofProjection(key, count, readModel);
      if (cause !== undefined && cause.detail !== known.get(key)) sink.raise(cause);
    }
  };
}

function ofProjection(key: string, count: number, readModel: PoisonRoom['readModel']): Cause | undefined {
  const name = key.slice(PROJECTION_PREFIX.length);
  const first = readModel.deadLetters().find(({ projection }) => projection === name);
  if (first === undefined) return undefined;
  const event = `${first.stream}@${first.revision}`;
  return {
    kind: 'poison-message',
    key,
    subject: { event },
    detail: `projection ${name} set ${plural(count, 'event')} aside, the first ${first.type} ${event}: ${first.reason}`,
    proposals: ['run a version of Evenstock that can read it, then retry: the projection is rebuilt'],
  };
}

/** Folds the projection anew, beside the one that serves; what can be read now is read. */
export function rebuildProjection({ readModel }: Pick<PoisonRoom, 'readModel'>, sleep: Sleep): Remedy {
  return async ({ key }) => {
    const name = key.slice(PROJECTION_PREFIX.length);
    const rebuilding = readModel.rebuild(name);
    const isDone = await Promise.race([rebuilding, sleep(REBUILD_MS_MAX).then(() => undefined)]);
    if (isDone === undefined) {
      rebuilding.catch(() => {});
      return { isGone: false, detail: `${name} is being rebuilt; the case closes when nothing is set aside any more` };
    }
    const left = readModel.deadLetters().filter(({ projection }) => projection === name).length;
    if (left === 0) return { isGone: true, detail: `${name} was rebuilt: nothing is set aside any more` };
    return {
      isGone: false,
      detail: `${name} was rebuilt, and ${plural(left, 'event is', 'events are')} still set aside`,
    };
  };
}

type Sleep = (ms: number) => Promise<void>;

/** The cause of an event that a reaction gave up. */
export function ofReaction(reaction: string, event: RecordedEvent, error: unknown): Cause {
  const place = `${event.stream}@${event.revision}`;
  const reason = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(
    0,
    REASON_LENGTH_MAX,
  );
  return {
    kind: 'poison-message',
    key: `${REACTION_PREFIX}${reaction}:${place}`,
    subject: { event: place },
    detail: `${reaction} could not react to ${event.type} ${place}: ${reason}`,
    proposals: ['mend what it says, then retry: the event is reacted to again'],
    position: event.position,
  };
}

/** Reacts to the event again. */
export function reactAgain(reactions: Pick<Reactions, 'again'>, log: Pick<EventLog, 'read'>): Remedy {
  return async ({ key, subject }) => {
    const [stream, revision] = placeOf(subject.event ?? '');
    const name = key.slice(REACTION_PREFIX.length, -`:${stream}@${revision}`.length);
    const [event] = await log.read(stream, revision, 1);
    if (event === undefined) return { isGone: false, detail: `there is no event ${stream}@${revision}` };
    await reactions.again(name, event);
    return { isGone: true, detail: `${name} reacted to ${event.type} ${stream}@${revision}` };
  };
}

/** Of `<stream>@<revision>`. */
export function placeOf(text: string): readonly [stream: string, revision: number] {
  const at = text.lastIndexOf('@');
  return [text.slice(0, at), Number(text.slice(at + 1))];
}
