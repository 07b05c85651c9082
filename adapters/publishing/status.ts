// What can be asked about publishing to one channel: its state for operations, and the values it refused.

import type { Pause } from '../../projections/published-pages.ts';

export interface PublishStatus {
  /** off: nothing is published · shadow: nor here, it is only compared · paused: people had it paused · open: it does not answer (breaker) · failed: it will not take any call from us. */
  readonly state: 'running' | 'throttled' | 'open' | 'off' | 'shadow' | 'paused' | 'failed';
  /** SKUs it must still be told, without those under way. */
  readonly backlog: number;
  /** How long the longest-waiting of them has been wrong. */
  readonly oldestBacklogAgeMs: number;
  /** The same for the last batch that it confirmed. */
  readonly lagMs: number;
  readonly inFlight: number;
  /** SKUs whose value it refused. */
  readonly deadLetters: number;
  readonly lastError: string | undefined;
  /** Who had it paused, when and why; it holds whatever the state is. */
  readonly paused?: Pause | undefined;
}

export interface DeadLetter {
  readonly sku: string;
  readonly units: number;
  readonly reason: string;
}
