// One course of a what-if: the log replayed under one policy, through the product's own stock levels, velocity and
// available-to-sell. Demand that the policy would not have shown or granted does not happen in it, nor what follows from
// it; all else happens as recorded. Pure: the same events and policy give the same course.
import { parseChannelStream, readChannelEvent } from '../../domain/channel/events.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import { lagOf } from '../../domain/signals/publish-lag.ts';
import type { Instant } from '../../domain/time.ts';
import { createPools, type OnFigure, type Pools } from '../available-to-sell.ts';
import { poolsUnder } from '../changed-policy.ts';
import { tellDifferences } from '../figure-differences.ts';
import { createStockLevels, type StockLevels } from '../stock-levels.ts';
import { createVelocity } from '../velocity.ts';
import { type ChannelCourse, createChannelCourse, type Span } from './channel-course.ts';
import { createJudge } from './judge.ts';
import { createTallies, type Outcome } from './outcome.ts';
import { createTrade } from './trade.ts';

export interface CourseSettings extends Span {
  /** Of channels whose lag the log has not measured, ms. */
  readonly lagMsAssumed: number;
  /** Channels whose sales are taken as they happened, whatever they show: tills. */
  readonly asHappened: ReadonlySet<string>;
}

export interface Course {
  /** From now on it is under the policy; events before are as recorded, and make no outcome. */
  open(policy: Policy): void;
  /** Under another policy. */
  setPolicy(policy: Policy): void;
  /** A stock event or a channel's, in log order; `at`: log time, which never goes back. */
  apply(event: RecordedEvent, at: Instant): void;
  end(at: Instant): Outcome;
}

export function createCourse(settings: CourseSettings): Course {
  const levels = createStockLevels();
  const velocity = createVelocity();
  const tallies = createTallies();
  const channels = new Map<string, ChannelCourse>();
  const lags = new Map<string, number>();
  const versions: string[] = [];
  let pools: Pools | undefined;
  let now = settings.from;

  const onFigure: OnFigure = (channel, sku, _, units) => {
    if (pools?.policy.bundles.of(sku) === undefined) channels.get(channel)?.figure(sku, units, now);
  };
  const fold = (event: RecordedEvent) => {
    levels.apply(event);
    velocity.apply(event);
  };
  const judge = createJudge({ levels, channels, tallies, asHappened: settings.asHappened, pools: () => pools! });
  const trade = createTrade({ judge, tallies, fold, levels });
  const addChannel = (id: string) => {
    const lagMs = lags.get(id);
    const course = createChannelCourse(id, velocity, settings, lagMs ?? settings.lagMsAssumed, lagMs !== undefined);
    channels.set(id, course);
    return course;
  };

  return {
    open(policy) {
      pools = createPools(levels, policy, 0n, onFigure, { velocity });
      pools.follow();
      versions.push(policy.version);
      for (const { id } of policy.channels) addChannel(id).open(figuresOf(pools, levels, id), settings.from);
    },
    setPolicy(policy) {
      const old = pools!;
      pools = poolsUnder(old, policy, levels, 0n, onFigure);
      old.leave();
      pools.follow();
      versions.push(policy.version);
      for (const { id } of policy.channels) if (!channels.has(id)) addChannel(id);
      tellDifferences({ pools: old, levels }, { pools, levels }, onFigure);
    },
    apply(event, at) {
      now = at;
      const lag = lagIn(event);
      if (parseChannelStream(event.stream) !== undefined) velocity.apply(event);
      else if (pools === undefined) fold(event);
      else {
        for (const channel of channels.values()) channel.advance(at);
        trade(event, at);
      }
      if (lag === undefined) return;
      lags.set(lag.channel, lag.lagMs);
      channels.get(lag.channel)?.lagged(lag.lagMs);
    },
    end(at) {
      const ended = [...channels].map(([id, channel]) => [id, channel.end(at)] as const);
      return { policyVersions: versions, sellers: tallies.result(), channels: new Map(ended) };
    },
  };
}

function lagIn(recorded: RecordedEvent): { readonly channel: string; readonly lagMs: number } | undefined {
  const channel = parseChannelStream(recorded.stream);
  const lagMs = channel === undefined ? undefined : lagOf(readChannelEvent(recorded));
  return channel === undefined || lagMs === undefined ? undefined : { channel, lagMs };
}

function figuresOf(pools: Pools, { table: { skus } }: StockLevels, channel: string): [sku: string, units: number][] {
  const figures: [string, number][] = [];
  for (let id = 0; id < skus.size; id++) {
    const units = pools.figure(channel, id);
    if (units !== undefined) figures.push([skus.name(id), units]);
  }
  return figures;
}
