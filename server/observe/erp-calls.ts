// Calls to an ERP as spans: each in the trace of the first event that it is about, linked to those of the others.
import { SpanKind } from '@opentelemetry/api';
import type { Causes, Spans } from './spans.ts';

export interface ErpCall {
  ended(reply: { readonly kind: string; readonly reason?: string | undefined }): void;
}

/** `what`: post or look_up. Undefined: not traced. */
export type WatchErpCall = (what: 'post' | 'look_up', movements: number, causes: Causes) => ErpCall | undefined;

/** Undefined: there are no traces. */
export function observeErpCalls(
  spans: Spans | undefined,
  { erp, system }: { readonly erp: string; readonly system: string },
): WatchErpCall | undefined {
  if (spans === undefined) return undefined;
  return (what, movements, causes) => {
    const attributes = { 'evenstock.erp': erp, 'evenstock.erp.system': system, 'evenstock.movements': movements };
    const span = spans.caused(causes, { name: `erp.${what}`, kind: SpanKind.CLIENT, attributes });
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
