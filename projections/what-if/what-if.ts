// What if: replays a log under the policy that was in force and under another one, side by side, through the same model,
// so that what differs is the policy's doing; and counts what was oversold in the log itself, so that the model can be
// judged. Deterministic: no clock, no chance.
import { parseChannelStream } from '../../domain/channel/events.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import { type Position, type RecordedEvent, START } from '../../domain/event-log.ts';
import { POLICY_STREAM, readPolicyEvent } from '../../domain/policy/events.ts';
import { evolveHistory, NO_HISTORY, policyAt, scheduledVersions } from '../../domain/policy/history.ts';
import { type Levels, oversold } from '../../domain/stock/levels.ts';
import { parseStockStream } from '../../domain/stock/stream.ts';
import type { Instant } from '../../domain/time.ts';
import { type CourseSettings, createCourse } from './course.ts';
import { demandIn } from './demand.ts';
import { createTallies, type Outcome, type Tally, totalOf } from './outcome.ts';

export interface WhatIf extends Omit<CourseSettings, 'from'> {
  readonly other: Policy;
  /** Instead of the policy history in the log. */
  readonly inForce?: Policy | undefined;
  /** Log time; the window is from ≤ t < to. Default: from the first event to the last. */
  readonly from?: Instant | undefined;
  readonly to: Instant;
}

export interface Comparison {
  readonly from: Instant;
  /** The end of the window, or the last event's time if that is earlier. */
  readonly to: Instant;
  /** In the window. */
  readonly events: number;
  /** As the log has it. */
  readonly recorded: { readonly oversold: Tally };
  readonly inForce: Outcome;
  readonly other: Outcome;
}

export interface Progress {
  readonly events: number;
  readonly position: Position;
  readonly at: Instant;
}

/** What cannot be replayed, said for people. */
export class WhatIfError extends Error {
  override readonly name = 'WhatIfError';
}

/** @throws WhatIfError when nothing happened in the window, or no policy is known for its start */
export async function replayWhatIf(
  pages: AsyncIterable<readonly RecordedEvent[]>,
  whatIf: WhatIf,
  onPage: (progress: Progress) => void = () => {},
): Promise<Comparison> {
  const replay = createReplay(whatIf);
  const progress = { events: 0, position: START, at: 0 };
  for await (const page of pages) {
    for (const event of page) {
      progress.at = replay.take(event);
      if (progress.at >= whatIf.to) return replay.end();
      progress.events += 1;
      progress.position = event.position;
    }
    onPage({ ...progress });
  }
  return replay.end();
}

function createReplay(whatIf: WhatIf) {
  const policies = createPolicies(whatIf.inForce);
  const recorded = createRecorded();
  let courses: { readonly inForce: ReturnType<typeof createCourse>; readonly other: ReturnType<typeof createCourse> };
  let from = whatIf.from;
  let now = Number.NEGATIVE_INFINITY;
  let events = 0;
  let isOpen = false;

  const begin = (at: Instant) => {
    from ??= at;
    const settings: CourseSettings = { ...whatIf, from };
    courses = { inForce: createCourse(settings), other: createCourse(settings) };
  };
  const open = () => {
    const policy = policies.at(from!);
    if (policy === undefined)
      throw new WhatIfError(`no policy was in force at ${new Date(from!).toISOString()}: name one with --in-force`);
    courses.inForce.open(policy);
    policies.changed(from!);
    courses.other.open(whatIf.other);
    isOpen = true;
  };
  return {
    /** The log time of the event; at or after `to` it is not taken. */
    take(event: RecordedEvent): Instant {
      const at = Math.max(now, timeOf(event) ?? now);
      if (at >= whatIf.to) return at;
      now = at;
      if (event.stream === POLICY_STREAM) policies.take(event);
      if (now === Number.NEGATIVE_INFINITY) return now;
      if (courses === undefined) begin(now);
      if (!isOpen && now >= from! && (policies.at(from!) !== undefined || event.stream !== POLICY_STREAM)) open();
      if (isOpen) {
        events += 1;
        const changed = policies.changed(now);
        if (changed !== undefined) courses.inForce.setPolicy(changed);
      }
      const isStock = parseStockStream(event.stream) !== undefined;
      if (isStock) recorded.take(event, isOpen);
      if (!isStock && parseChannelStream(event.stream) === undefined) return now;
      courses.inForce.apply(event, now);
      courses.other.apply(event, now);
      return now;
    },
    end(): Comparison {
      if (!isOpen) throw new WhatIfError('the log has no events in this window');
      const to = Math.min(now, whatIf.to);
      return {
        ...{ from: from!, to, events, recorded: { oversold: recorded.oversold() } },
        inForce: courses.inForce.end(to),
        other: courses.other.end(to),
      };
    },
  };
}

/** Log time; undefined: the event does not say. */
function timeOf({ data }: RecordedEvent): Instant | undefined {
  const at = data['recordedAt'] ?? data['finishedAt'];
  return typeof at === 'number' ? at : undefined;
}

/** Which policy was in force when, from the log. */
function createPolicies(fixed: Policy | undefined) {
  let history = NO_HISTORY;
  let changesAt = Number.POSITIVE_INFINITY;
  return {
    take(event: RecordedEvent): void {
      history = evolveHistory(history, readPolicyEvent(event), event.revision);
      changesAt = Number.NEGATIVE_INFINITY;
    },
    at: (at: Instant) => fixed ?? policyAt(history, at),
    /** The policy that took over since it was last asked. */
    changed(now: Instant): Policy | undefined {
      if (fixed !== undefined || now < changesAt) return undefined;
      changesAt = scheduledVersions(history, now)[0]?.effectiveFrom ?? Number.POSITIVE_INFINITY;
      return policyAt(history, now);
    },
  };
}

function createRecorded() {
  const tallies = createTallies();
  /** By stream, of those that are oversold. */
  const short = new Map<string, number>();
  return {
    take(event: RecordedEvent, counts: boolean): void {
      const units = oversold(event.data['levels'] as unknown as Levels);
      const more = units - (short.get(event.stream) ?? 0);
      if (units > 0) short.set(event.stream, units);
      else short.delete(event.stream);
      const demand = counts && more > 0 ? demandIn(event, parseStockStream(event.stream)!) : undefined;
      if (demand !== undefined) tallies.add(demand.seller, 'oversold', more);
    },
    oversold: () => totalOf(tallies.result()).oversold,
  };
}
