// Tells Vendure what buyers can have. Two calls: levels are read just before, and what is written is made from them. Vendure
// has no compare-and-set, so an order may come between the two. That is harmless: the units it allocates come off what was
// written, so buyers see fewer than asked for, which is right, until the order itself arrives here and lowers the figure.
import { z } from 'zod';
import type { Batch, Outcome, Reply, Update } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import type { AdminApi } from './admin-api.ts';
import { nothingDone } from './failure.ts';
import { type Levels, readNamedLevels } from './read-levels.ts';
import { isTracked, LEVELS_FIELDS, onHandFor, type ShopSettings, sellable, VariantLevels } from './stock-level.ts';

export interface PublishOptions {
  readonly api: AdminApi;
  readonly identifiers: Identifiers;
  /** Of Vendure. */
  readonly location: string;
}

interface Write {
  readonly variant: string;
  readonly update: Update;
  readonly onHand: number;
}

export function createPublish({ api, identifiers, location }: PublishOptions) {
  return async ({ updates, traceparent }: Batch, signal: AbortSignal): Promise<Reply> => {
    const { named, refused } = nameVariants(updates, identifiers);
    if (named.size === 0) return { kind: 'answered', outcomes: refused };
    const read = await readNamedLevels(api, [...named.keys()], signal);
    if (read.kind !== 'data') return nothingDone(read);
    const { shop } = read.data;
    const { writes, settled } = compare(named, read.data, location);
    const answered = (rest: Iterable<readonly [string, Outcome]>): Reply => {
      return { kind: 'answered', outcomes: new Map([...refused, ...settled, ...rest]) };
    };
    if (writes.length === 0) return answered([]);
    const input = writes.map(({ variant: id, onHand }) => {
      return { id, stockLevels: [{ stockLocationId: location, stockOnHand: onHand }] };
    });
    const written = await api.ask({ query: SET, variables: { input }, schema: Written, traceparent }, signal);
    if (written.kind === 'batchRefused' && writes.length === 1) {
      return answered([[writes[0]!.update.sku, { kind: 'refused', reason: written.reason }]]);
    }
    if (written.kind !== 'data') return written;
    const after = new Map(written.data.map((variant) => [variant.id, variant]));
    return answered(
      writes.map(({ variant, update }) => [update.sku, outcomeOf(update, after.get(variant), shop)] as const),
    );
  };
}

/** One transaction: one bad variant, and nothing is applied. */
const SET = `mutation ($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { ${LEVELS_FIELDS} }
}`;
const Written = z
  .object({ updateProductVariants: z.array(VariantLevels.nullable()) })
  .transform(({ updateProductVariants }) => updateProductVariants.filter((variant) => variant !== null));

/** Variant → what to show of it. */
function nameVariants(updates: readonly Update[], identifiers: Identifiers) {
  const named = new Map<string, Update>();
  const refused = new Map<string, Outcome>();
  for (const update of updates) {
    const variant = identifiers.ofSku(update.sku)?.id;
    const other = variant === undefined ? undefined : named.get(variant);
    if (variant === undefined) refused.set(update.sku, { kind: 'refused', reason: 'unmapped: no variant is mapped' });
    else if (other === undefined) named.set(variant, update);
    else refused.set(update.sku, { kind: 'refused', reason: `variant ${variant} is mapped to ${other.sku} too` });
  }
  return { named, refused };
}

/** What has to be written, and what is known without writing. */
function compare(named: ReadonlyMap<string, Update>, { variants, shop }: Levels, location: string) {
  const found = new Map(variants.map((variant) => [variant.id, variant]));
  const writes: Write[] = [];
  const settled = new Map<string, Outcome>();
  for (const [id, update] of named) {
    const variant = found.get(id);
    if (variant === undefined || !isTracked(variant, shop)) {
      settled.set(update.sku, { kind: 'refused', reason: variant === undefined ? gone(id) : untracked(id) });
      continue;
    }
    const onHand = onHandFor(update.units, variant, shop, location);
    if (sellable(variant, shop) === update.units) settled.set(update.sku, { kind: 'confirmed' });
    else if (Math.abs(onHand) > INT_MAX) settled.set(update.sku, { kind: 'refused', reason: TOO_MANY });
    else writes.push({ variant: id, update, onHand });
  }
  return { writes, settled };
}
/** GraphQL's Int. */
const INT_MAX = 2 ** 31 - 1;
const TOO_MANY = 'more than Vendure can count';
const gone = (id: string) => `ENTITY_NOT_FOUND: there is no variant ${id}`;
const untracked = (id: string) => `variant ${id} does not track its inventory: Vendure sells it without end`;

/** The answer was read after the write: an order may have come in between, which is right; more than was said is not. */
function outcomeOf({ units }: Update, after: VariantLevels | undefined, shop: ShopSettings): Outcome {
  if (after === undefined) return { kind: 'unknown', reason: 'the answer does not say what is shown' };
  const shown = sellable(after, shop);
  if (shown <= units) return { kind: 'confirmed' };
  return { kind: 'retryLater', reason: `${shown} can be bought: somebody wrote at the same time` };
}
