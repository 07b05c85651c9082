// How publishing to a channel goes, with what the read model and the policy add to what its publisher knows.
import type { PublishStatus } from '../adapters/publishing/status.ts';
import type { Instant } from '../domain/time.ts';

export interface ChannelStatus extends PublishStatus {
  readonly lastAcknowledgedAt?: Instant | undefined;
  /** Why it counts as failing by its policy; undefined: it does not. */
  readonly failing?: string | undefined;
}
