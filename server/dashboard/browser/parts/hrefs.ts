// Where the page of a thing is, by what the API calls it.
import { hrefOf, hrefWith } from '../shell/route.ts';

/** `location`: its timeline is shown. */
export function skuHref(sku: string, location?: string): string {
  return location === undefined ? hrefOf('skus', sku) : hrefWith({ location }, 'skus', sku);
}

/** Beginning of a stream → page. */
const PAGES: readonly (readonly [prefix: string, page: string])[] = [
  ...([
    ['order-', 'orders'],
    ['transfer-', 'transfers'],
    ['case-', 'cases'],
    ['channel-', 'channels'],
    ['reconciliation-', 'reconciliations'],
    ['webhook-', 'webhooks'],
  ] as const),
];

/** Of an event: of its stock, or of whatever else its stream is of. Undefined: it has no page. */
export function streamHref({
  stream,
  sku,
  location,
}: {
  readonly stream: string;
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
}): string | undefined {
  if (sku !== undefined) return skuHref(sku, location);
  const found = PAGES.find(([prefix]) => stream.startsWith(prefix));
  return found && hrefOf(found[1], stream.slice(found[0].length));
}
