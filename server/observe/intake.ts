// What comes in from a channel as spans: each message its own piece of work, in the request that brought it, or, where it was
// polled, a trace of its own linked to the poll: a page of a hundred orders is a hundred stories. Names and attributes are those
// of the semantic conventions for messaging (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/).
import { SpanKind } from '@opentelemetry/api';
import type { InboundMessage } from '../../adapters/inbound/inbound.ts';
import type { ChannelRoom } from '../inbound/channel-room.ts';
import type { Verdict } from '../inbound/verdict.ts';
import type { SpanFailure, Spans } from './spans.ts';

type Observed = Pick<ChannelRoom, 'take' | 'polled'>;

/** @param system the connector's type, such as `woocommerce` */
export function observeIntake(
  spans: Spans | undefined,
  { channel, system }: { readonly channel: string; readonly system: string },
  take: (message: InboundMessage, traceparent?: string) => Promise<Verdict>,
): Observed {
  if (spans === undefined) return { take: (message, { request } = {}) => take(message, request) };
  const messaging = { 'messaging.system': system, 'messaging.destination.name': channel };
  return {
    async take(message, { request, poll } = {}) {
      const terms = () => ({
        name: `process ${channel}`,
        kind: SpanKind.CONSUMER,
        attributes: {
          ...messaging,
          'messaging.operation.name': 'process',
          'messaging.operation.type': 'process',
          'evenstock.about': message.about,
        },
      });
      const span = request === undefined ? spans.root([poll], terms) : spans.caused([request], terms);
      const verdict = await take(message, span?.traceparent ?? request);
      span?.end({ 'evenstock.outcome': outcomeOf(verdict) }, failureOf(verdict));
      return verdict;
    },
    polled(messages, tookMs) {
      if (messages === 0) return undefined;
      const span = spans.root([], () => ({
        name: `poll ${channel}`,
        kind: SpanKind.CLIENT,
        agoMs: tookMs,
        attributes: {
          ...messaging,
          'messaging.operation.name': 'poll',
          'messaging.operation.type': 'receive',
          'messaging.batch.message_count': messages,
        },
      }));
      span?.end();
      return span?.traceparent;
    },
  };
}

function outcomeOf(verdict: Verdict): string {
  return verdict.kind === 'aside' ? verdict.why : verdict.kind;
}

function failureOf(verdict: Verdict): SpanFailure | undefined {
  if (verdict.kind === 'taken') return undefined;
  return { type: outcomeOf(verdict), message: verdict.reason };
}
