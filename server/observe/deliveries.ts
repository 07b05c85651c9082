// Messages to webhooks as spans: each in the trace of the event that it tells of, so that whoever receives it can go on with it.
// Names and attributes are those of the semantic conventions (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
import { SpanKind } from '@opentelemetry/api';
import type { Sender } from '../../adapters/webhooks/sender.ts';
import type { WebhookPolicy } from '../../domain/webhook/policy.ts';
import { type Spans, serverOf } from './spans.ts';

/** `sender` itself where there are no traces. */
export function observeSender(
  spans: Spans | undefined,
  { id, url }: Pick<WebhookPolicy, 'id' | 'url'>,
  sender: Sender,
): Sender {
  if (spans === undefined) return sender;
  const attributes = { 'http.request.method': 'POST', ...serverOf(url), 'evenstock.webhook': id };
  return {
    ...sender,
    async send(message, signal) {
      const span = spans.caused([message.traceparent], () => ({ name: 'POST', kind: SpanKind.CLIENT, attributes }));
      if (span === undefined) return sender.send(message, signal);
      const outcome = await sender.send({ ...message, traceparent: span.traceparent }, signal);
      const { kind, status } = outcome;
      const failure = kind === 'taken' ? undefined : { type: String(status ?? kind), message: outcome.reason };
      span.end(
        { 'evenstock.outcome': kind, ...(status !== undefined && { 'http.response.status_code': status }) },
        failure,
      );
      return outcome;
    },
  };
}
