// The channel that a list is filtered by; the names are offered to keys that may list channels.
import { html } from 'htm/preact';
import { useReading } from '../api/reading.ts';
import { may } from '../api/session.ts';
import { Choice } from './filters.ts';

interface Channels {
  readonly channels: readonly { readonly channel: string }[];
}

export function ChannelChoice({ query }: { readonly query: URLSearchParams }) {
  const channels = useReading<Channels>(may('availability:read') ? '/v1/channels' : undefined);
  const options = channels.data?.channels.map(({ channel }) => [channel, channel] as const) ?? [];
  return html`<${Choice} name="channel" title="Channel" query=${query} any="any" options=${options} />`;
}
