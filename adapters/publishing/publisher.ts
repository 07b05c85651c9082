// Publishing: tells every channel its available-to-sell, incrementally and as fast as it allows. One publisher a channel,
// sharing nothing but the log and the read models, so a channel that fails never delays another.
import { isShadow } from '../../domain/channel/mode.ts';
import type { ChannelPolicy, Policy } from '../../domain/channel/policy.ts';
import type { Appended } from '../../domain/event-log.ts';
import { channelFingerprint } from '../../domain/policy/difference.ts';
import type { Connector } from '../channels/channel.ts';
import { ChannelPublisher } from './channel-publisher.ts';
import { unobserved } from './observe.ts';
import { SharedChannel } from './shared-channel.ts';
import type { Since } from './since.ts';
import type { DeadLetter, PublishStatus } from './status.ts';
import { type Steering, steer } from './steering.ts';
import type { Assignment, Surroundings } from './surroundings.ts';
import type { Sharing } from './tenure.ts';

/** What is published under: the channels, and for each a text that is another whenever its figures can be. */
export interface PublishingPolicy {
  readonly channels: readonly ChannelPolicy[];
  /** Refused values are tried again under another one. */
  readonly fingerprint: (channel: string) => string;
}

export interface PublishingOptions extends Omit<Surroundings, 'observe' | 'stakes'> {
  readonly policy: PublishingPolicy;
  /** How a channel is reached; undefined: it is not published to. A throw is this channel's failure. */
  readonly connect: (channel: ChannelPolicy) => Connector | undefined;
  readonly observe?: Surroundings['observe'];
  /** Absent: nothing is known of what sells, so updates of one urgency leave by age alone. */
  readonly stakes?: Surroundings['stakes'];
  /** Absent: no other process publishes on this log. */
  readonly sharing?: Sharing | undefined;
}

export interface Publishing {
  readonly channels: readonly string[];
  /** Undefined: no such channel. */
  status(channel: string): PublishStatus | undefined;
  /** Since when each update has waited that the channel does not show yet. */
  waiting(channel: string): Iterable<Since>;
  /** Values the channel refused, at most `limit`. */
  deadLetters(channel: string, limit: number): readonly DeadLetter[];
  /** Tries a refused value again, or all of the channel's. Returns how many. */
  retryDeadLetter(channel: string, sku?: string): number;
  /** Is something under way to the channel for this SKU, or waiting for its turn? */
  isInFlight(channel: string, sku: string): boolean;
  /** Tells the present figure again although nothing seems to differ. False: not published to now, or in flight already. */
  republish(channel: string, sku: string): boolean;
  /** Pauses, resumes, or has told again, also a channel that is not published to now. Resolves and throws as `steer`. */
  steer(channel: string, steering: Steering): Promise<Appended | undefined>;
  /**
   * Publishes under another policy: resolves when every channel that it concerns has compared all its figures again. The
   * read model must have the new policy already. Channels may come and go; one that is as it was goes on undisturbed.
   */
  setPolicy(policy: PublishingPolicy): Promise<void>;
  /** Lets calls under way end for `graceMs` (default 4,000), records them and stops. */
  close(graceMs?: number): Promise<void>;
}

export function publishingPolicyOf(policy: Policy): PublishingPolicy {
  return { channels: policy.channels, fingerprint: (channel) => channelFingerprint(policy, channel) };
}

const GRACE_MS = 4_000;
const NOTHING_SOLD: Surroundings['stakes'] = { soldPerDay: () => 0, there: () => 0, valuePart: () => 1 };

/** Starts at once; what is left to say is found from the log as soon as the read models have caught up with it. */
export function startPublishing(options: PublishingOptions): Publishing {
  const { observe = unobserved, stakes = NOTHING_SOLD } = options;
  const surroundings: Surroundings = { ...options, observe, stakes };
  const publishers = new Map<string, ChannelPublisher | SharedChannel>();
  let changes = 0;

  const assign = (channel: ChannelPolicy, { fingerprint }: PublishingPolicy): Assignment => {
    const policy = options.hashes.sha256Base64Url(`${fingerprint(channel.id)} ${JSON.stringify(channel)}`);
    try {
      // The switch of shadow mode: without a connector there is no line, and nothing leaves by any path.
      return { channel, connector: isShadow(channel) ? undefined : options.connect(channel), policy };
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      return { channel, connector: undefined, policy, failure };
    }
  };
  const start = (channel: ChannelPolicy, policy: PublishingPolicy) => {
    const assignment = assign(channel, policy);
    const shared = options.sharing && new SharedChannel(assignment, surroundings, options.sharing);
    publishers.set(channel.id, shared ?? new ChannelPublisher(assignment, surroundings));
  };
  const statusOf = (channel: string) => {
    const status = publishers.get(channel)?.status();
    const node = options.published.channel(channel).holder?.node;
    return status && (node ? { ...status, node } : status);
  };

  const changed = (channel: string, sku: string) => publishers.get(channel)?.changed(sku);
  const unsubscribes = [
    options.availability.onChange(changed),
    options.published.onDoubt(changed),
    options.published.onSteered((channel, what) => publishers.get(channel)?.steered(what)),
  ];
  for (const channel of options.policy.channels) start(channel, options.policy);

  return {
    get channels() {
      return [...publishers.keys()];
    },
    waiting: (channel) => publishers.get(channel)?.waiting() ?? [],
    status: statusOf,
    deadLetters: (channel, limit) => publishers.get(channel)?.deadLetters(limit) ?? [],
    retryDeadLetter: (channel, sku) => publishers.get(channel)?.retryDeadLetter(sku) ?? 0,

    isInFlight: (channel, sku) => publishers.get(channel)?.isInFlight(sku) ?? false,
    republish: (channel, sku) => publishers.get(channel)?.republish(sku) ?? false,

    steer: (channel, steering) => steer(surroundings, channel, steering),

    async setPolicy(policy) {
      changes += 1;
      const cause = `policy-${changes}-${options.clock.now().toString(36)}-${options.random().toString(36).slice(2)}`;
      const gone = [...publishers].filter(([id]) => !policy.channels.some((channel) => channel.id === id));
      for (const [id] of gone) publishers.delete(id);
      const steps = policy.channels.map((channel) => {
        const publisher = publishers.get(channel.id);
        if (publisher === undefined) start(channel, policy);
        return publisher?.setPolicy(assign(channel, policy), cause);
      });
      await Promise.all([...steps, ...gone.map(([, publisher]) => publisher.close(GRACE_MS))]);
    },

    async close(graceMs = GRACE_MS) {
      for (const unsubscribe of unsubscribes) unsubscribe();
      await Promise.all([...publishers.values()].map((publisher) => publisher.close(graceMs)));
    },
  };
}
