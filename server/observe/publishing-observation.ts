// What is watched of availability on its way to channels, by metrics and by traces alike.
import type { PublishObserver } from '../../adapters/publishing/observe.ts';
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Folded } from '../../projections/runner.ts';

export interface PublishingObservation {
  readonly publish: PublishObserver;
  /** Called for each event before it is folded; what it gives is called afterwards. */
  readonly folding?: (event: RecordedEvent) => Folded | undefined;
  /** Called when a figure of a channel changed, while the event that changed it is being folded. */
  changed(channel: string, sku: string): void;
  /** Whose waiting updates are looked at when metrics are read. */
  watch?(publishing: Pick<Publishing, 'waiting'>): void;
}
