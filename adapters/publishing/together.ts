// What one call can take of what is due, where a channel has one address for some SKUs and another for others: a batch
// stays one call, so the pace that is kept is the channel's own. The most urgent one says which; the others keep their turn.
import type { Declaration } from '../channels/channel.ts';
import type { Entry } from './backlog.ts';

export function fitTogether(
  entries: readonly Entry[],
  { together }: Pick<Declaration, 'together'>,
): { readonly now: readonly Entry[]; readonly later: readonly Entry[] } {
  if (together === undefined || entries.length < 2) return { now: entries, later: [] };
  const fit = new Set(together(entries.map(({ sku }) => sku)));
  const [first] = entries;
  return {
    // The first always goes: otherwise nothing ever would.
    now: entries.filter((entry) => entry === first || fit.has(entry.sku)),
    later: entries.filter((entry) => entry !== first && !fit.has(entry.sku)),
  };
}
