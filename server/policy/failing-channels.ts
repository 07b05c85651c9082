// Watches how publishing to each channel goes, and does what its policy says of one that fails: lower its availability until
// it takes something again, or nothing more; people are told of it in any case. Lowering is an event of the policy stream, so
// it outlives a restart, holds in every process, and a figure made under it says so.

import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { PublishStatus } from '../../adapters/publishing/status.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import { type ChannelSight, hasRecovered, type WhenFailing, whyFailing } from '../../domain/policy/failing-channel.ts';
import type { Lowering } from '../../domain/policy/history.ts';
import { type Clock, type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import type { Logger } from '../logging.ts';
import type { PolicyBook } from './book.ts';
import { type SilentChannels, type SilentChannelsRoom, watchSilence } from './silent-channels.ts';

export interface FailingChannelsRoom {
  readonly policies: PolicyBook;
  readonly publishing: Pick<Publishing, 'channels' | 'status'>;
  readonly published: () => {
    channel(channel: string): { readonly lastConfirmedAt?: Instant | undefined };
  };
  readonly cases: SilentChannelsRoom['cases'];
  readonly knownCases: SilentChannelsRoom['knownCases'];
  /** How long the breaker of a channel may be open before people are told, ms. */
  readonly casePatienceMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Pick<Logger, 'warn' | 'info' | 'error'>;
}

export interface FailingChannels {
  /** Why a channel counts as failing now; undefined: it does not. */
  whyFailing(channel: string): string | undefined;
  /** Why people are to look at it; undefined: they need not. */
  readonly trouble: SilentChannels['trouble'];
  close(): Promise<void>;
}

/** A look costs a pass over what waits: a twentieth of the time after which a channel fails is soon enough. */
const LOOK_MS_MIN = SECOND / 2;
const LOOK_MS_MAX = 5 * SECOND;
const LOOKS_PER_TIME = 20;
const SELF = 'evenstock';
const RETRY: WhenFailing = { decision: 'retry', afterMinutes: 15 };

interface Watched {
  deniedSince: Instant | undefined;
  brokenSince: Instant | undefined;
  quietSince: Instant | undefined;
  why: string | undefined;
}

interface Watch {
  readonly room: FailingChannelsRoom;
  readonly silent: SilentChannels;
  readonly channels: Map<string, Watched>;
  cancelTimer: () => void;
  looking: Promise<void>;
  closed: boolean;
}

export function watchFailingChannels(room: FailingChannelsRoom): FailingChannels {
  const silent = watchSilence({ ...room, patienceMs: room.casePatienceMs, startedAt: room.clock.now() });
  const watch: Watch = {
    ...{ room, silent, channels: new Map() },
    ...{ cancelTimer: () => {}, looking: Promise.resolve(), closed: false },
  };
  const goOn = () => {
    watch.cancelTimer();
    if (watch.closed) return;
    watch.cancelTimer = room.timers.after(lookMs(room), () => {
      watch.looking = watch.looking.then(() => lookAtAll(watch)).then(goOn);
    });
  };
  const unsubscribe = room.policies.onChange(goOn);
  goOn();
  return {
    whyFailing: (channel) => watch.channels.get(channel)?.why,
    trouble: silent.trouble,
    async close() {
      watch.closed = true;
      unsubscribe();
      watch.cancelTimer();
      await watch.looking;
    },
  };
}

function lookMs({ policies, casePatienceMs }: FailingChannelsRoom): number {
  const times = policies.policy().channels.map(({ whenFailing }) => whenFailing.afterMinutes * MINUTE);
  const shortest = Math.min(casePatienceMs, ...times);
  return Math.min(LOOK_MS_MAX, Math.max(LOOK_MS_MIN, shortest / LOOKS_PER_TIME));
}

async function lookAtAll(watch: Watch): Promise<void> {
  const { policies, publishing, logger } = watch.room;
  const lowered = new Map(
    policies
      .history()
      .lowerings.filter(({ to }) => to === undefined)
      .map((lowering) => [lowering.channel, lowering]),
  );
  const known = [...watch.channels.keys(), ...watch.silent.told()];
  for (const channel of new Set([...publishing.channels, ...lowered.keys(), ...known])) {
    // The log may be away: what is decided is decided again at the next look.
    await lookAt(watch, channel, lowered.get(channel)).catch((error: unknown) =>
      logger.error({ channel, error: String(error) }, 'the decision on a failing channel could not be recorded'),
    );
  }
}

async function lookAt(watch: Watch, channel: string, lowering: Lowering | undefined): Promise<void> {
  const { policies, clock, logger, publishing } = watch.room;
  // Whoever tells it decides; here nothing is known of how it goes.
  if (publishing.status(channel)?.state === 'elsewhere') return void watch.channels.delete(channel);
  const now = clock.now();
  const watched = watchedOf(watch, channel);
  const terms = policies.policy().channel(channel)?.whenFailing ?? RETRY;
  const sight = sightOf(watch.room, watched, channel, now);
  const why = sight && whyFailing(terms, sight);
  watched.why = why;
  watch.silent.look(channel, { terms, sight, why, now });
  if (sight === undefined) watch.channels.delete(channel);

  const isWell = (since: Instant) => sight === undefined || hasRecovered(terms, sight, now - since);
  if (lowering !== undefined && (terms.decision !== 'lower' || isWell(lowering.from))) {
    await policies.change({ type: 'restore', channel, author: SELF, reason: 'it takes values again' });
    logger.info({ channel }, 'the availability of a channel is as usual again');
  } else if (lowering === undefined && why !== undefined && terms.decision === 'lower') {
    await policies.change({ type: 'lower', channel, author: SELF, reason: why });
    logger.warn({ channel, why }, 'the availability of a failing channel is lowered');
  }
}

function watchedOf({ channels }: Watch, channel: string): Watched {
  const known = channels.get(channel) ?? {
    deniedSince: undefined,
    brokenSince: undefined,
    quietSince: undefined,
    why: undefined,
  };
  channels.set(channel, known);
  return known;
}

const UNTOLD: ReadonlySet<PublishStatus['state']> = new Set(['off', 'shadow', 'paused']);

/** Undefined: nothing is published to it, as we want it. */
function sightOf(
  { publishing, published }: FailingChannelsRoom,
  watched: Watched,
  channel: string,
  now: Instant,
): ChannelSight | undefined {
  const status = publishing.status(channel);
  if (status === undefined || UNTOLD.has(status.state)) return undefined;
  const { state, readBack } = status;
  const toSay = status.backlog + status.inFlight > 0;
  const toDo = toSay || (readBack !== undefined && readBack.waiting > 0);
  watched.quietSince = toDo ? undefined : (watched.quietSince ?? now);
  watched.deniedSince = state === 'failed' ? (watched.deniedSince ?? now) : undefined;
  watched.brokenSince = state === 'failed' || state === 'open' ? (watched.brokenSince ?? now) : undefined;
  const since = (at: Instant | undefined) => (at === undefined ? undefined : Math.max(0, now - at));
  const takenMs = [since(published().channel(channel).lastConfirmedAt), readBack?.seenMs];
  return {
    waitingMs: status.oldestDueAgeMs,
    takenMs: Math.min(...takenMs.map((ms) => ms ?? Number.POSITIVE_INFINITY)),
    unseenMs: toDo ? readBack?.unseenMs : undefined,
    deniedMs: since(watched.deniedSince),
    brokenMs: since(watched.brokenSince),
    quietMs: since(watched.quietSince),
  };
}
