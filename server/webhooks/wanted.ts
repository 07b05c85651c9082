// Which events a webhook is told of: what a key with its channels and locations would see in the feed, of its kinds and types.
// Never what webhooks themselves write: each delivery would be followed by an event to deliver.
import type { RecordedEvent } from '../../domain/event-log.ts';
import { knownAt } from '../../domain/known-at.ts';
import { kindOfStream } from '../../domain/webhook/event-kind.ts';
import { parseWebhookStream } from '../../domain/webhook/events.ts';
import type { WebhookPolicy } from '../../domain/webhook/policy.ts';
import { visibleTo } from '../routes/feed-event.ts';

export function wantedBy({
  kinds,
  types,
  channels,
  locations,
  since,
}: WebhookPolicy): (event: RecordedEvent) => boolean {
  const sees = visibleTo({
    channels: channels === undefined ? 'all' : new Set(channels),
    locations: locations === undefined ? 'all' : new Set(locations),
  });
  const ofKinds = kinds && new Set<string | undefined>(kinds);
  const ofTypes = types && new Set(types);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  return (event) => {
    if (parseWebhookStream(event.stream) !== undefined) return false;
    if (ofTypes?.has(event.type) === false || ofKinds?.has(kindOfStream(event.stream)) === false) return false;
    return (knownAt(event.data) ?? Number.POSITIVE_INFINITY) >= from && sees(event);
  };
}
