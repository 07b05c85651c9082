// Builds a projection anew from the first event, beside the one that serves, and catches it up to the same position
// so that the switch is a single assignment (fault row 22).
import type { EventLog, Position } from '../domain/event-log.ts';
import { fold, type Member, newMember } from './dead-letters.ts';
import type { ProjectionDefinition } from './projection.ts';
import { foldingSlices, type RunnerTime } from './time.ts';

const READ_EVENTS_MAX = 1_000;

export interface Rebuild {
  readonly log: EventLog;
  readonly definition: ProjectionDefinition;
  readonly generation: number;
  /** The position to meet; it may move meanwhile. */
  readonly until: () => Position;
  /** Called once, in the very step in which the new member stands exactly at `until()`: nothing can come between. */
  readonly met: (member: Member) => void;
  readonly time: RunnerTime;
  readonly signal: AbortSignal;
}

/**
 * False when aborted before it met.
 * @throws Unavailable when the log cannot be read
 */
export async function rebuildBeside(rebuild: Rebuild): Promise<boolean> {
  const { log, definition, generation, until, met, time, signal } = rebuild;
  const member = newMember(definition, definition.create(), generation);
  const slices = foldingSlices(time);
  while (!signal.aborted) {
    const events = await log.readAll(member.position, READ_EVENTS_MAX);
    const isMet = () => member.position >= until() || events.length === 0;
    for (const event of events) {
      if (event.position > until()) {
        met(member);
        return true;
      }
      fold(member, event, time.clock.now);
      if (slices.spent()) await slices.turn();
    }
    if (isMet()) {
      met(member);
      return true;
    }
  }
  return false;
}

export interface Rebuilds {
  isRunning(name: string): boolean;
  done(name: string): number;
  /** One at a time a projection: who asks while one runs gets that one. */
  rebuild(name: string): Promise<boolean>;
  ended(): Promise<unknown>;
}

export interface RebuildsRoom extends Pick<Rebuild, 'log' | 'until' | 'time' | 'signal'> {
  readonly member: (name: string) => Member;
  readonly generation: (name: string) => number;
  readonly replace: (old: Member, fresh: Member) => void;
}

export function createRebuilds(room: RebuildsRoom): Rebuilds {
  const running = new Map<string, Promise<boolean>>();
  const done = new Map<string, number>();
  const start = (name: string) =>
    rebuildBeside({
      ...room,
      definition: room.member(name).definition,
      generation: Math.max(room.generation(name), room.member(name).generation) + 1,
      met(fresh) {
        room.replace(room.member(name), fresh);
        done.set(name, (done.get(name) ?? 0) + 1);
      },
    });
  return {
    isRunning: (name) => running.has(name),
    done: (name) => done.get(name) ?? 0,
    rebuild(name) {
      const already = running.get(name);
      if (already !== undefined) return already;
      const started = start(name).finally(() => running.delete(name));
      running.set(name, started);
      return started;
    },
    ended: () => Promise.allSettled(running.values()),
  };
}
