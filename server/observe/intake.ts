// What comes in from a channel as spans: each message its own piece of work, in the request that brought it, or, where it was
// polled, a trace of its own linked to the poll: a page of a hundred orders is a hundred stories. One that was set aside is
// linked to the request that brought it, whenever it is tried again. Names and attributes are those
// of the semantic conventions for messaging (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/).
import { SpanKind } from '@opentelemetry/api';
import type { InboundMessage } from '../../adapters/inbound/inbound.ts';
import { isSampled } from '../../adapters/telemetry/trace-context.ts';
import type { Brought, ChannelRoom } from '../inbound/channel-room.ts';
import type { Verdict } from '../inbound/verdict.ts';
import type { SpanFailure, Spans, SpanTerms, WorkSpan } from './spans.ts';

type Observed = Pick<ChannelRoom, 'take' | 'polled'>;

/** @param system the connector's type, such as `woocommerce` */
export function observeIntake(
  spans: Spans | undefined,
  { channel, system }: { readonly channel: string; readonly system: string },
  take: (message: InboundMessage, traceparent?: string) => Promise<Verdict>,
): Observed {
  if (spans === undefined) return { take: (message, { traceparent }) => take(message, traceparent) };
  const messaging = { 'messaging.system': system, 'messaging.destination.name': channel };
  return {
    async take(message, brought) {
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
      const span = begin(spans, brought, terms);
      // What was polled together is not one story.
      const passedOn = brought.by === 'poll' ? undefined : brought.traceparent;
      const verdict = await take(message, span?.traceparent ?? passedOn);
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

function begin(spans: Spans, { by, traceparent, earlier }: Brought, terms: () => SpanTerms): WorkSpan | undefined {
  if (by === 'poll') return spans.root([traceparent], terms);
  if (traceparent !== undefined && isSampled(traceparent)) return spans.caused([traceparent, earlier], terms);
  return spans.sequel(earlier, terms);
}

function outcomeOf(verdict: Verdict): string {
  return verdict.kind === 'aside' ? verdict.why : verdict.kind;
}

function failureOf(verdict: Verdict): SpanFailure | undefined {
  if (verdict.kind === 'taken') return undefined;
  return { type: outcomeOf(verdict), message: verdict.reason };
}
