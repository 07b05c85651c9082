// A channel's time with one of several processes. Another takes it over once it was silent for a lease, by its own clock and
// while something was to be told. So whoever holds it calls only while it is sure: within half a lease of the beginning of its
// last append. A call ends within a third of a lease, hence before anybody else can begin. It writes that it holds the channel
// where it would be silent otherwise although something waits, and when it was asked; an idle channel costs nothing.
import { CHANNEL_EVENT_VERSION } from '../../domain/channel/events.ts';
import type { Clock } from '../../domain/time.ts';
import type { ChannelRecord } from '../../projections/published-pages.ts';
import type { ChannelStream } from './channel-stream.ts';
import { Overtaken, type Recorded } from './record.ts';
import type { Timers } from './timers.ts';

/** Several processes publish on one log. */
export interface Sharing {
  /** Names this process, for people. */
  readonly node: string;
  /** False: it never takes a channel. */
  readonly takes: boolean;
  /** How long whoever holds a channel may be silent, ms; more for a channel whose calls may take longer. */
  readonly leaseMs: number;
}

export interface Tenure {
  readonly node: string;
  /** No other tenure has it. */
  readonly session: string;
  readonly leaseMs: number;
  /** Revision of the last event of whoever held the channel, when it was found free. */
  readonly freeSince: number;
  /** It is another's now. Called once. */
  readonly lost: () => void;
}

export interface Holding {
  /** True: a call may begin. False: that is being made sure of, and `sure` is called. */
  mayCall(): boolean;
  /** The stream is ours; from now on it is held on to. */
  begin(): void;
  /** Somebody took the channel: is it us? */
  taken(): void;
  end(): void;
}

export interface HoldingRoom {
  readonly stream: Pick<ChannelStream, 'append' | 'oursAt' | 'revision'>;
  readonly record: () => ChannelRecord;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Something is to be told, or to be seen. */
  readonly hasWork: () => boolean;
  /** It was written that the channel is held. */
  readonly sure: (recorded: Recorded) => void;
}

const CALLS_PER_LEASE = 3;
const SURE_PER_LEASE = 2;
const LOOKS_PER_LEASE = 6;

/** @param timeoutMs how long a call of the channel may take */
export function leaseMsOf(leaseMs: number, timeoutMs: number): number {
  return Math.max(leaseMs, CALLS_PER_LEASE * timeoutMs);
}

/** Something is owed by whoever holds the channel: whoever waits for it judges by the same rule. */
export function isOwing({ asked, paused }: Pick<ChannelRecord, 'asked' | 'paused'>, hasWork: () => boolean): boolean {
  return asked || (paused === undefined && hasWork());
}

const ALONE: Holding = { mayCall: () => true, begin() {}, taken() {}, end() {} };

/** @param tenure undefined: the process has the log for itself */
export function holdOn(tenure: Tenure | undefined, room: HoldingRoom): Holding {
  if (tenure === undefined) return ALONE;
  const { stream, record, clock, timers, hasWork, sure } = room;
  const { session, leaseMs } = tenure;
  let count = 0;
  let isRenewing = false;
  let isOver = false;
  let cancel = () => {};
  const isSure = () => timers.now() - (stream.oursAt ?? Number.NEGATIVE_INFINITY) < leaseMs / SURE_PER_LEASE;

  const lose = () => {
    if (isOver) return;
    holding.end();
    tenure.lost();
  };
  const renew = () => {
    if (isRenewing || isOver) return;
    isRenewing = true;
    count += 1;
    const event = { type: 'PublishingHeld', v: CHANNEL_EVENT_VERSION, heldAt: clock.now() } as const;
    stream
      .append({ cause: `held-${session}-${count}`, events: [event], unless: 'taken' })
      .then(
        (recorded) => isOver || sure(recorded),
        (error: unknown) => error instanceof Overtaken && lose(),
      )
      .finally(() => {
        isRenewing = false;
      });
  };
  const look = () => {
    if (!isSure() && isOwing(record(), hasWork)) renew();
    cancel = timers.after(leaseMs / LOOKS_PER_LEASE, look);
  };

  const holding: Holding = {
    mayCall() {
      if (isOver) return false;
      if (isSure()) return true;
      renew();
      return false;
    },
    begin() {
      cancel();
      if (!isOver) look();
    },
    taken() {
      // What was folded late, from before our own beginning, takes nothing away.
      const { holder, revision } = record();
      if (revision > stream.revision && holder?.session !== session) lose();
    },
    end() {
      isOver = true;
      cancel();
    },
  };
  return holding;
}
