// Watches how publishing to each channel goes, and does what its policy says of one that fails: nothing more, lower its
// availability until it takes something again, or give it to people as a case. Lowering is an event of the policy
// stream, so it outlives a restart, holds in every process, and a figure made under it says so.

import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { PublishStatus } from '../../adapters/publishing/status.ts';
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { type ChannelSight, hasRecovered, type WhenFailing, whyFailing } from '../../domain/policy/failing-channel.ts';
import type { Lowering } from '../../domain/policy/history.ts';
import { type Clock, type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import type { Logger } from '../logging.ts';
import type { PolicyBook } from './book.ts';

export interface FailingChannelsRoom {
  readonly policies: PolicyBook;
  readonly publishing: Pick<Publishing, 'channels' | 'status'>;
  readonly published: () => {
    channel(channel: string): { readonly lastConfirmedAt?: Instant | undefined };
  };
  readonly cases: CaseSink;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Pick<Logger, 'warn' | 'info' | 'error'>;
}

export interface FailingChannels {
  /** Why a channel counts as failing now; undefined: it does not. */
  whyFailing(channel: string): string | undefined;
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
  quietSince: Instant | undefined;
  /** When a case was raised that is not known to be closed. */
  routedAt: Instant | undefined;
  /** It was said that there is no cause for a case. */
  isWellTold: boolean;
  why: string | undefined;
}

interface Watch {
  readonly room: FailingChannelsRoom;
  readonly startedAt: Instant;
  readonly channels: Map<string, Watched>;
  cancelTimer: () => void;
  looking: Promise<void>;
  closed: boolean;
}

export function watchFailingChannels(room: FailingChannelsRoom): FailingChannels {
  const watch: Watch = {
    ...{ room, startedAt: room.clock.now(), channels: new Map() },
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
    async close() {
      watch.closed = true;
      unsubscribe();
      watch.cancelTimer();
      await watch.looking;
    },
  };
}

function lookMs({ policies }: FailingChannelsRoom): number {
  const shortest = Math.min(...policies.policy().channels.map(({ whenFailing }) => whenFailing.afterMinutes * MINUTE));
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
  for (const channel of new Set([...publishing.channels, ...lowered.keys(), ...watch.channels.keys()])) {
    // The log may be away: what is decided is decided again at the next look.
    await lookAt(watch, channel, lowered.get(channel)).catch((error: unknown) =>
      logger.error({ channel, error: String(error) }, 'the decision on a failing channel could not be recorded'),
    );
  }
}

async function lookAt(watch: Watch, channel: string, lowering: Lowering | undefined): Promise<void> {
  const { policies, cases, clock, logger } = watch.room;
  const now = clock.now();
  const watched = watchedOf(watch, channel);
  const terms = policies.policy().channel(channel)?.whenFailing ?? RETRY;
  const sight = sightOf(watch.room, watched, channel, now);
  watched.why = sight && whyFailing(terms, sight);
  const isWell = (since: Instant) => sight === undefined || hasRecovered(terms, sight, now - since);

  if (lowering !== undefined && (terms.decision !== 'lower' || isWell(lowering.from))) {
    await policies.change({ type: 'restore', channel, author: SELF, reason: 'it takes values again' });
    logger.info({ channel }, 'the availability of a channel is as usual again');
  } else if (lowering === undefined && watched.why !== undefined && terms.decision === 'lower') {
    await policies.change({ type: 'lower', channel, author: SELF, reason: watched.why });
    logger.warn({ channel, why: watched.why }, 'the availability of a failing channel is lowered');
  }
  // Whoever watched before a restart may have left one open.
  const routedAt = watched.routedAt ?? (terms.decision === 'route' ? watch.startedAt : undefined);
  if (routedAt !== undefined && !watched.isWellTold && isWell(routedAt)) {
    cases.cleared('breaker-open', caseKey(channel));
    watched.routedAt = undefined;
    watched.isWellTold = true;
  } else if (watched.routedAt === undefined && watched.why !== undefined && terms.decision === 'route') {
    raise(watch.room, channel, watched.why, terms.to);
    watched.routedAt = now;
    watched.isWellTold = false;
  }
  if (sight === undefined) watch.channels.delete(channel);
}

function watchedOf({ channels }: Watch, channel: string): Watched {
  const known = channels.get(channel) ?? {
    deniedSince: undefined,
    quietSince: undefined,
    routedAt: undefined,
    isWellTold: false,
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
  const toSay = status.backlog + status.inFlight > 0;
  watched.quietSince = toSay ? undefined : (watched.quietSince ?? now);
  watched.deniedSince = status.state === 'failed' ? (watched.deniedSince ?? now) : undefined;
  const since = (at: Instant | undefined) => (at === undefined ? undefined : Math.max(0, now - at));
  return {
    waitingMs: toSay ? status.oldestBacklogAgeMs : undefined,
    takenMs: since(published().channel(channel).lastConfirmedAt),
    deniedMs: since(watched.deniedSince),
    quietMs: since(watched.quietSince),
  };
}

function raise({ cases, publishing }: FailingChannelsRoom, channel: string, why: string, owner: string): void {
  const { backlog, lastError } = publishing.status(channel)!;
  cases.raise({
    kind: 'breaker-open',
    key: caseKey(channel),
    subject: { channel },
    owner,
    detail: `${channel}: ${why}, and ${backlog} SKUs wait to be told (${lastError ?? 'no error'})`,
    proposals: [
      'look whether the channel is up, and whether its address and secret are right',
      'lower its availability by policy, or switch it off',
    ],
  });
}

/** The same cause, whoever sees it. */
function caseKey(channel: string): string {
  return `channel:${channel}`;
}
