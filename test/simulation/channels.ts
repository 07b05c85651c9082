// The channels of a run: the virtual channels of the publishing tests, with moods that last (an outage, a throttle) and
// faults that hit single calls. They are nobody's process: a call that reached one is applied, whoever has died since.
import type { Connector, Reply } from '../../adapters/channels/channel.ts';
import {
  type Behaviour,
  createVirtualChannel,
  FAULTS,
  type VirtualChannel,
} from '../support/marketplace/virtual-channel.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import { type Life, never } from './life.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

export interface SimulatedChannel extends VirtualChannel {
  readonly id: string;
  /** Behaves so until then. */
  mood: { readonly behaviour: Behaviour; readonly until: number };
  /** `sku@version` of every update it confirmed. */
  readonly confirmed: Set<string>;
}

const OUTAGES: readonly Behaviour[] = ['unavailable', 'throttled', 'lost', 'applied-but-silent', 'hangs', 'denied'];

export function createChannels(
  scenario: Scenario,
  time: VirtualTime,
  chance: Chance,
  trace: Trace,
): ReadonlyMap<string, SimulatedChannel> {
  const channels = new Map<string, SimulatedChannel>();
  for (const [id, ordering] of scenario.ordering) {
    const isolation = chance.maybe(0.5) ? ('per-update' as const) : ('halving' as const);
    const channel: SimulatedChannel = Object.assign(createVirtualChannel(time, { ordering, isolation }), {
      id,
      mood: { behaviour: 'ok' as const, until: 0 },
      confirmed: new Set<string>(),
    });
    channel.wholeBatch = isolation === 'halving';
    channel.applyFirst = chance.maybe(0.5);
    channel.behave = () => {
      channel.latencyMs = chance.wide(1, 2_000);
      channel.retryAfterMs = chance.maybe(0.3) ? chance.wide(1, 10_000_000) : undefined;
      const behaviour =
        time.now() < channel.mood.until
          ? channel.mood.behaviour
          : chance.maybe(scenario.channelFaults)
            ? chance.pick(FAULTS)
            : 'ok';
      if (behaviour !== 'ok') trace.mark('channel fault');
      trace.note(`${id} will answer ${behaviour} after ${channel.latencyMs} ms`);
      return behaviour;
    };
    channels.set(id, channel);
  }
  return channels;
}

/** A mood for a while. */
export function outage(channel: SimulatedChannel, time: VirtualTime, chance: Chance, trace: Trace): void {
  const behaviour = chance.pick(OUTAGES);
  const ms = chance.wide(1_000, 600_000);
  channel.mood = { behaviour, until: time.now() + ms };
  trace.note(`${channel.id} is ${behaviour} for ${ms} ms`);
}

/** The connector of one process to a channel. */
export function connectorOf(channel: SimulatedChannel, life: Life, trace: Trace): Connector {
  return {
    declares: channel.connector.declares,
    async publish(batch, signal): Promise<Reply> {
      if (!life.alive) return never();
      trace.note(
        `${channel.id} is told ${batch.updates.map(({ sku, units }) => `${sku}=${units}`).join(' ')} v${batch.version}`,
      );
      const reply = await channel.connector.publish(batch, signal);
      if (reply.kind === 'answered') {
        for (const [sku, { kind }] of reply.outcomes) {
          if (kind === 'confirmed') channel.confirmed.add(`${sku}@${batch.version}`);
        }
      }
      if (!life.alive) {
        trace.mark('call in flight at a crash');
        return never();
      }
      return reply;
    },
  };
}
