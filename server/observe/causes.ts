// Which requests changed a figure that the channel has not been told yet: their trace contexts, by channel and SKU, until
// a call takes them. Bounded: a channel that is never called must not cost memory without end, nor another's causes.

/** Figures of a channel whose causes are remembered; beyond that the oldest is forgotten and its call is not traced. */
const FIGURES_MAX = 20_000;
/** Requests remembered for one figure, the newest: enough for the links of a hot SKU. */
const CAUSES_MAX = 16;

export interface Causes {
  add(channel: string, sku: string, traceparent: string): void;
  /** Gives the causes of one figure, newest first, and forgets them. */
  take(channel: string, sku: string): readonly string[];
  /** The call came to nothing: what it took is remembered again, as older than what was added since. */
  putBack(channel: string, sku: string, causes: readonly string[]): void;
}

export function createCauses(figuresMax: number = FIGURES_MAX): Causes {
  const channels = new Map<string, Map<string, readonly string[]>>();
  const remember = (channel: string, sku: string, join: (before: readonly string[]) => readonly string[]) => {
    let figures = channels.get(channel);
    if (figures === undefined) {
      figures = new Map();
      channels.set(channel, figures);
    }
    const before = figures.get(sku) ?? [];
    figures.delete(sku);
    figures.set(sku, join(before).slice(0, CAUSES_MAX));
    if (figures.size > figuresMax) figures.delete(figures.keys().next().value!);
  };
  return {
    add: (channel, sku, traceparent) => remember(channel, sku, (before) => [traceparent, ...before]),
    putBack(channel, sku, causes) {
      if (causes.length > 0) remember(channel, sku, (before) => [...before, ...causes]);
    },
    take(channel, sku) {
      const figures = channels.get(channel);
      const causes = figures?.get(sku) ?? [];
      figures?.delete(sku);
      return causes;
    },
  };
}
