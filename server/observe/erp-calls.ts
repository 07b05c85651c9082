// Calls to an ERP as spans: each in the trace of the first event that it is about, linked to those of the others.
import { SpanKind } from '@opentelemetry/api';
import type { ErpPolicy } from '../../domain/erp/policy.ts';
import { type Causes, type Spans, serverOf } from './spans.ts';

export interface ErpCall {
  ended(reply: { readonly kind: string; readonly reason?: string | undefined }): void;
}

/** `what`: post or look_up. Undefined: not traced. */
export type WatchErpCall = (what: 'post' | 'look_up', movements: number, causes: Causes) => ErpCall | undefined;

/** Undefined: there are no traces. */
export function observeErpCalls(
  spans: Spans | undefined,
  { id, type, url }: Pick<ErpPolicy, 'id' | 'type' | 'url'>,
): WatchErpCall | undefined {
  if (spans === undefined) return undefined;
  const which = { 'evenstock.erp': id, 'evenstock.erp.type': type, ...serverOf(url) };
  return (what, movements, causes) => {
    const span = spans.caused(causes, () => ({
      name: `erp.${what}`,
      kind: SpanKind.CLIENT,
      attributes: { ...which, 'evenstock.movements': movements },
    }));
    return (
      span && {
        ended({ kind, reason }) {
          const isDone = kind === 'confirmed' || kind === 'found';
          span.end({ 'evenstock.outcome': kind }, isDone ? undefined : { type: kind, message: reason });
        },
      }
    );
  };
}
