// What the publishers of all channels work with, and what is one channel's own.
import type { ChannelPolicy } from '../../domain/channel/policy.ts';
import type { Hashes } from '../../domain/event-id.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import type { Availability } from '../../projections/availability.ts';
import type { PublishedReader } from '../../projections/published.ts';
import type { Stakes } from '../../projections/stakes.ts';
import type { Connector } from '../channels/channel.ts';
import type { PublishObserver } from './observe.ts';
import type { Timers } from './timers.ts';

export type PublishedAvailability = Pick<
  Availability,
  'position' | 'waitFor' | 'stockOf' | 'units' | 'skus' | 'onChange'
>;

/** What every channel's publisher works with. */
export interface Surroundings {
  readonly availability: PublishedAvailability;
  readonly published: PublishedReader;
  readonly stakes: Stakes;
  readonly log: Pick<EventLog, 'append' | 'read'>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** In [0, 1). */
  readonly random: () => number;
  readonly hashes: Hashes;
  readonly observe: PublishObserver;
}

/** A channel, how it is reached, and a text that changes whenever a policy that moves its figures changes. */
export interface Assignment {
  readonly channel: ChannelPolicy;
  readonly connector: Connector | undefined;
  readonly policy: string;
  /** Why there is no connector although there should be one. */
  readonly failure?: string;
}
