// Takes the stream of a channel over: an event in it says that this process publishes to the channel from now on. Another
// process may come between; then it is said again, behind what that one wrote, or, where processes take turns, not at all.
import { CHANNEL_EVENT_VERSION } from '../../domain/channel/events.ts';
import type { Clock } from '../../domain/time.ts';
import type { ChannelRecord } from '../../projections/published-pages.ts';
import type { ChannelStream } from './channel-stream.ts';
import { Overtaken } from './record.ts';
import type { Tenure } from './tenure.ts';

export interface TakingOver {
  readonly stream: Pick<ChannelStream, 'open' | 'caughtUp' | 'append' | 'folded'>;
  readonly clock: Clock;
  readonly policy: string;
  /** The process has it already, and goes on under another policy. */
  readonly goesOn: boolean;
  /** New in the stream. */
  readonly cause: string;
  readonly isClosed: () => boolean;
  /** Undefined: no other process publishes on this log. */
  readonly tenure?: Pick<Tenure, 'node' | 'session' | 'freeSince'> | undefined;
}

/**
 * Resolves to the record of the channel as it was found. Afterwards both read models hold all that was ever told, and versions
 * are above it.
 * @throws Overtaken: another process has it · Error when publishing ends, or the log is closed
 */
export async function takeOver(taking: TakingOver): Promise<ChannelRecord> {
  const { stream, clock, policy, goesOn, tenure } = taking;
  await stream.open();
  let found: ChannelRecord | undefined;
  for (let tries = 1; ; tries += 1) {
    const before = await stream.caughtUp();
    if (taking.isClosed()) throw new Error('publishing was stopped');
    if (tenure !== undefined && !goesOn && before.livedAt !== tenure.freeSince) throw new Overtaken('it lives');
    // What a first try found may be hidden by its own event in the second: keep it if it asks for more.
    if (found === undefined || found.stopped || found.policy === policy) found = before;
    const event = { type: 'PublishingStarted', v: CHANNEL_EVENT_VERSION, startedAt: clock.now(), policy } as const;
    const by = tenure && { node: tenure.node, session: tenure.session };
    const recorded = await stream.append({
      cause: `${taking.cause}-${tries}`,
      events: [goesOn || tries > 1 ? { ...event, goesOn: true, ...by } : { ...event, ...by }],
      unless: tenure && (goesOn ? 'taken' : 'written'),
    });
    await stream.folded(recorded);
    if (!recorded.foreign) return found;
  }
}
