// Tells people of a channel that is silent: it answers no call, takes nothing although something waits, or shows nothing of
// what it took in. One case a channel, whatever policy decides on it; it closes when the channel takes or shows a value again.

import type { PublishStatus } from '../../adapters/publishing/status.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { plural } from '../../domain/plural.ts';
import { type ChannelSight, hasRecovered, type WhenFailing } from '../../domain/policy/failing-channel.ts';
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { Remedy } from '../cases/remedies.ts';

export interface SilentChannelsRoom {
  readonly publishing: { status(channel: string): PublishStatus | undefined };
  readonly cases: CaseSink;
  /** The instance that serves now. */
  readonly knownCases: () => Pick<CasesReader, 'isLasting' | 'lasting'>;
  /** How long the breaker may be open before people are told, ms. Policy's own time holds where it routes to somebody. */
  readonly patienceMs: number;
  readonly startedAt: Instant;
}

/** One look at a channel. */
export interface Look {
  readonly terms: WhenFailing;
  /** Undefined: nothing is published to it, as we want it. */
  readonly sight: ChannelSight | undefined;
  /** Why it fails by its policy; undefined: it does not. */
  readonly why: string | undefined;
  readonly now: Instant;
}

export interface SilentChannels {
  look(channel: string, look: Look): void;
  /** Channels that people were told of, also those that are gone. */
  told(): readonly string[];
  /** Why people are to look at the channel; undefined: they need not. */
  trouble(channel: string): string | undefined;
}

const PREFIX = 'channel:';

export function watchSilence({
  publishing,
  cases,
  knownCases,
  patienceMs,
  startedAt,
}: SilentChannelsRoom): SilentChannels {
  /** Since when, and why. */
  const troubles = new Map<string, { readonly since: Instant; readonly why: string }>();

  return {
    look(channel, { terms, sight, why: failing, now }) {
      const why = failing ?? (sight && terms.decision !== 'route' ? whyBroken(sight, patienceMs) : undefined);
      const isKnown = knownCases().isLasting('breaker-open', caseKey(channel));
      const known = troubles.get(channel);
      if (why !== undefined) {
        troubles.set(channel, { since: known?.since ?? now, why });
        if (!isKnown) cases.raise(causeOf(channel, why, terms, publishing.status(channel)!));
        return;
      }
      // Whoever watched before a restart may have left one open.
      const since = known?.since ?? startedAt;
      const isWell = sight === undefined || hasRecovered(terms, sight, now - since);
      if (isWell) troubles.delete(channel);
      if (isWell && isKnown) cases.cleared('breaker-open', caseKey(channel));
      if (!isWell && isKnown && known === undefined)
        troubles.set(channel, { since, why: 'it has confirmed nothing yet' });
    },
    told() {
      const keys = Array.from(knownCases().lasting('breaker-open'), ({ key }) => key);
      return keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    },
    trouble: (channel) => troubles.get(channel)?.why,
  };
}

/** The breaker is open, or no call can pass, and that matters. */
function whyBroken({ brokenMs = 0, waitingMs, deniedMs }: ChannelSight, patienceMs: number): string | undefined {
  if (brokenMs < patienceMs || (waitingMs === undefined && deniedMs === undefined)) return undefined;
  const what = deniedMs === undefined ? 'it does not answer' : 'it takes no call from us';
  return `${what}, for ${brokenMs < 2 * MINUTE ? `${Math.floor(brokenMs / SECOND)} s` : `${Math.floor(brokenMs / MINUTE)} min`}`;
}

function causeOf(channel: string, why: string, terms: WhenFailing, { backlog, lastError, readBack }: PublishStatus) {
  const seeing = readBack === undefined ? '' : `, ${readBack.waiting} to be seen`;
  return {
    kind: 'breaker-open',
    key: caseKey(channel),
    subject: { channel },
    owner: terms.decision === 'route' ? terms.to : undefined,
    detail: `${channel}: ${why}; ${plural(backlog, 'SKU waits', 'SKUs wait')} to be told${seeing} (${lastError ?? readBack?.lastError ?? 'no error'})`,
    proposals: [
      'look whether the channel is up, and whether its address and secret are right',
      'lower its availability by policy, or switch it off',
    ],
  } as const;
}

/** The same cause, whoever sees it. */
function caseKey(channel: string): string {
  return `${PREFIX}${channel}`;
}

/** The publisher itself tries a silent channel again and again; here it is only looked at. */
export function recheckChannel(
  { trouble }: Pick<SilentChannels, 'trouble'>,
  publishing: SilentChannelsRoom['publishing'],
): Remedy {
  return ({ subject: { channel = '' } }) => {
    const [why, status] = [trouble(channel), publishing.status(channel)];
    if (status?.state === 'elsewhere')
      return { isGone: false, detail: `${channel} is told by ${status.node ?? 'no node now'}: ask there` };
    if (why === undefined) return { isGone: true, detail: `${channel} is ${status?.state ?? 'gone'}` };
    return {
      isGone: false,
      detail: `${channel}: ${why} (${status?.lastError ?? 'no error'}); it is tried all the time`,
    };
  };
}
