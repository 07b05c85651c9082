// Channels that do not answer for too long, and what `retry` does about values that a channel refused.
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import type { CasesReader } from '../../projections/cases.ts';
import type { Remedy } from './remedies.ts';
import { createSince, type Look } from './watching.ts';

export interface ChannelsRoom {
  readonly publishing: Pick<Publishing, 'channels' | 'status' | 'retryDeadLetter' | 'republish'>;
  readonly cases: () => Pick<CasesReader, 'lasting'>;
  readonly sink: Pick<CaseSink, 'raise' | 'cleared'>;
  readonly patienceMs: number;
  /** Policy says itself when this channel's silence is a case, and whose (server/policy/failing-channels.ts). */
  readonly isRouted?: (channel: string) => boolean;
}

const PREFIX = 'channel:';

export function watchBreakers({ publishing, cases, sink, patienceMs, isRouted = () => false }: ChannelsRoom): Look {
  const since = createSince();
  return (now) => {
    const silent = publishing.channels.filter((channel) => !isRouted(channel) && isSilent(publishing, channel));
    const lasting = Array.from(cases().lasting('breaker-open'), ({ key }) => key);
    // An ERP that does not answer is its poster's to tell.
    const known = new Set(lasting.filter((key) => key.startsWith(PREFIX)));
    for (const key of known) {
      const channel = key.slice(PREFIX.length);
      if (!isRouted(channel) && !silent.includes(channel)) sink.cleared('breaker-open', key);
    }
    for (const [channel, from] of since.last(silent, now)) {
      if (now - from < patienceMs || known.has(PREFIX + channel)) continue;
      const { state, lastError = 'no answer', backlog } = publishing.status(channel)!;
      sink.raise({
        kind: 'breaker-open',
        key: PREFIX + channel,
        subject: { channel },
        detail: `${channel} ${state === 'failed' ? 'takes no call from us' : 'does not answer'}: ${lastError}; ${backlog} SKUs wait to be told`,
        proposals: [
          'look whether the channel is up, and whether its address and secret are right',
          'switch it off by policy',
        ],
      });
    }
  };
}

function isSilent(publishing: ChannelsRoom['publishing'], channel: string): boolean {
  const state = publishing.status(channel)?.state;
  return state === 'open' || state === 'failed';
}

/** The publisher itself probes a silent channel every 30 s; here it is only looked at. */
export function recheckChannel({ publishing }: Pick<ChannelsRoom, 'publishing'>): Remedy {
  return ({ subject: { channel = '' } }) => {
    const status = publishing.status(channel);
    if (!isSilent(publishing, channel)) return { isGone: true, detail: `${channel} is ${status?.state ?? 'gone'}` };
    return {
      isGone: false,
      detail: `${channel} is still silent (${status?.lastError ?? 'no answer'}); it is probed every 30 s`,
    };
  };
}

/** Tells the channel the present value; the case closes when it confirms one. */
export function publishAgain({ publishing }: Pick<ChannelsRoom, 'publishing'>): Remedy {
  return ({ subject: { channel = '', sku = '' } }) => {
    const isSent = publishing.retryDeadLetter(channel, sku) > 0 || publishing.republish(channel, sku);
    const detail = isSent
      ? `${sku} is told to ${channel} again; the case closes when it confirms`
      : `${sku} is under way to ${channel} already, or the channel is not published to`;
    return { isGone: false, detail };
  };
}
