// What an event is about, by the stream it stands in: for people who choose events without knowing every type.
const PREFIXES = {
  stock: 'stock-',
  bundles: 'bundle-',
  orders: 'order-',
  transfers: 'transfer-',
  publishing: 'channel-',
  cases: 'case-',
  policy: 'policy',
  counts: 'stocktake-',
  reconciliation: 'reconciliation-',
  identifiers: 'identifiers-',
  inbound: 'inbound-',
  erps: 'erp-',
} as const;

export type EventKind = keyof typeof PREFIXES;
export const EVENT_KINDS = Object.keys(PREFIXES) as readonly EventKind[] as readonly [EventKind, ...EventKind[]];

/** Undefined: none that can be chosen, so one that is sent where all kinds are. */
export function kindOfStream(stream: string): EventKind | undefined {
  return EVENT_KINDS.find((kind) => stream.startsWith(PREFIXES[kind]));
}

const LIMITED: ReadonlySet<EventKind> = new Set(['stock', 'bundles', 'orders', 'transfers', 'publishing']);

/** Events of other kinds belong to no channel and no location alone, so that a limited reader sees none of them. */
export function seenByLimited(kind: EventKind): boolean {
  return LIMITED.has(kind);
}
