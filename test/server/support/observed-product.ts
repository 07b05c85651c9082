// The product observed: served by a process of its own, with its telemetry going to a sink of the test's. What a test
// opened is closed after it, the last first.
import { afterEach, vi } from 'vitest';
import type { Faults } from '../../support/eventstoredb/faults.ts';
import { startEventStoreDb } from '../../support/eventstoredb/server.ts';
import { type OtlpSink, type SinkSpan, startOtlpSink } from '../../support/otlp-sink.ts';
import { type ServedProduct, serveProduct } from '../../support/served-product.ts';

/** What is closed after the test. */
export const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

export interface Observed {
  readonly product: ServedProduct;
  readonly sink: OtlpSink;
}

export async function observed(
  env: Readonly<Record<string, string>> = {},
  policy: Readonly<Record<string, unknown>> = {},
): Promise<Observed> {
  const sink = await startOtlpSink();
  opened.push(() => sink.close());
  const product = await serveProduct({ env: { ...telemetryTo(sink.url), ...env }, policy: () => policy });
  opened.push(() => product.stop());
  return { product, sink };
}

/** Where appends can be slow, or fail, when the test wants it. */
export async function observedOnEventStoreDb(): Promise<Observed & { readonly faults: Faults }> {
  const server = await startEventStoreDb();
  opened.push(() => server.stop());
  const EVENT_LOG = server.connectionString.replace(/^esdb/, 'eventstoredb');
  return { ...(await observed({ EVENT_LOG })), faults: server.faults };
}

export function telemetryTo(url: string): Readonly<Record<string, string>> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_METRIC_EXPORT_TIMEOUT: '200',
  };
}

export const TRACE = '0af7651916cd43dd8448eb211c80319c';
export const traceparent = (traceId = TRACE, flags = '01') => `00-${traceId}-b7ad6b7169203331-${flags}`;
export const traceOf = (n: number) => (n + 1).toString(16).padStart(32, '0');
let number = 0;
export const fields = (more: Record<string, unknown> = {}) => ({
  type: 'receipt',
  id: `t-${++number}`,
  sku: 'A',
  location: 'warehouse',
  quantity: 10,
  occurredAt: new Date().toISOString(),
  ...more,
});
export const named = (spans: readonly SinkSpan[], name: string) => spans.filter((span) => span.name === name);
/** Of a test that starts servers, on a machine that has much else to do. */
export const LONG = { timeout: 90_000 };
export const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 25 });
