// `retry` for what waits of a channel: the messages of the case are taken again, or the channel is asked again.
import type { Case } from '../../domain/exception/case.ts';
import type { Remedies, Tried } from '../cases/remedies.ts';
import type { InboundChannel } from './inbound-channel.ts';
import { CASE_PREFIX, causeOf, silentKey } from './set-aside.ts';

export function addInboundRemedies(
  remedies: Remedies,
  channelOf: (channel: string) => InboundChannel | undefined,
): void {
  const takeAgain = async ({ key, subject }: Case, traceparent?: string): Promise<Tried> => {
    const id = subject.channel ?? '';
    const channel = channelOf(id);
    if (channel === undefined) return { isGone: false, detail: `nothing comes in from ${id} now` };
    const { tried, taken } = await channel.retake((waiting) => causeOf(id, waiting)?.key === key, traceparent);
    if (tried === 0) return { isGone: true, detail: 'nothing waits any more' };
    return { isGone: tried === taken, detail: `${taken} of ${tried} messages were taken` };
  };
  for (const kind of ['unmapped-sku', 'poison-message', 'too-old-fact'] as const)
    remedies.add(kind, CASE_PREFIX, takeAgain);
  remedies.add('breaker-open', CASE_PREFIX, ({ subject }) => {
    const id = subject.channel ?? '';
    channelOf(id)?.poke();
    return { isGone: false, detail: `${id} is asked again; the case ${silentKey(id)} closes when it answers` };
  });
}
