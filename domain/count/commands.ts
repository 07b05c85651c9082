// What can be asked of a stocktake: opened for a whole location or some SKUs, counted in lines, its variances decided,
// ended. Every border parses with these schemas; what the server adds to a command before a decider sees it is in
// stocktake.ts and sheet-commands.ts.
import { z } from 'zod';
import { Id, InstantText, QUANTITY_MAX } from '../stock/commands.ts';
import { LocationId, Sku } from '../stock/stream.ts';

/** Chosen by whoever opens it; a part of stream names and command ids, so narrower than other ids. */
export const StocktakeId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'must be 1 to 48 ASCII letters, digits or . _ -')
  .meta({ id: 'StocktakeId', example: 'store-001-2026-11' });
export type StocktakeId = z.infer<typeof StocktakeId>;

const LINES_MAX = 1_000;
const common = {
  id: Id.meta({ description: 'Command id. The same id is the same intent: its repeats have no effect.' }),
};

function oncePerSku(skus: readonly string[], path: (n: number) => (string | number)[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  skus.forEach((sku, n) => {
    if (seen.has(sku)) context.addIssue({ code: 'custom', path: path(n), message: `${sku} is in here twice` });
    seen.add(sku);
  });
}

const Skus = z
  .array(Sku)
  .min(1)
  .max(LINES_MAX)
  .superRefine((skus, context) => oncePerSku(skus, (n) => [n], context));

export const OpenStocktake = z
  .strictObject({
    ...common,
    stocktakeId: StocktakeId,
    location: LocationId,
    scope: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('full') }),
        z.strictObject({ type: z.literal('skus'), skus: Skus }),
      ])
      .meta({
        id: 'StocktakeScope',
        description: 'full: every SKU known at the location, and whatever else is found · skus: a cycle count of these',
      }),
  })
  .meta({ id: 'OpenStocktake' });
export type OpenStocktake = z.output<typeof OpenStocktake>;

export const VARIANCE_REASONS = ['theft', 'damage', 'misplacement', 'unknown'] as const;
export const VarianceReason = z
  .enum(VARIANCE_REASONS)
  .meta({ id: 'VarianceReason', description: 'Why what was counted is not what was expected' });
export type VarianceReason = z.infer<typeof VarianceReason>;

export const CountLine = z
  .strictObject({
    sku: Sku,
    quantity: z.int('must be a whole number of units').min(0).max(QUANTITY_MAX).meta({ description: 'Units found' }),
    countedAt: InstantText.meta({
      description: 'When it was counted, by the clock of the counter: what happened up to then is in the count',
    }),
    device: Id.optional().meta({ description: 'What it was counted with' }),
    reason: VarianceReason.optional(),
  })
  .meta({ id: 'CountLine' });

export const StocktakeCommandBody = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('count'),
      ...common,
      lines: z
        .array(CountLine)
        .min(1)
        .max(LINES_MAX)
        .superRefine((lines, context) =>
          oncePerSku(
            lines.map(({ sku }) => sku),
            (n) => [n, 'sku'],
            context,
          ),
        ),
    }),
    z.strictObject({
      type: z.literal('zero'),
      ...common,
      skus: Skus,
      countedAt: InstantText,
      reason: VarianceReason.optional(),
    }),
    z.strictObject({ type: z.literal('approve'), ...common, skus: Skus, reason: VarianceReason.optional() }),
    z.strictObject({ type: z.literal('reject'), ...common, skus: Skus }),
    z.strictObject({ type: z.literal('recount'), ...common, skus: Skus }),
    z.strictObject({ type: z.literal('explain'), ...common, skus: Skus, reason: VarianceReason }),
    z.strictObject({
      type: z.literal('complete'),
      ...common,
      uncounted: z
        .literal('leave')
        .optional()
        .meta({ description: 'Needed to complete with SKUs that nobody counted' }),
    }),
    z.strictObject({ type: z.literal('cancel'), ...common }),
  ])
  .meta({
    id: 'StocktakeCommand',
    description:
      'count: lines of SKU, units and time · zero: SKUs nobody found, which always waits for approval · approve, reject or ' +
      'recount: what waits, by somebody else than the counter · explain: why there is a variance · complete, cancel: no ' +
      'more lines; what has been counted stays counted',
  });
export type StocktakeCommandBody = z.output<typeof StocktakeCommandBody>;

/** Why a line cannot be taken, or a line's decision. */
export type LineRefusal =
  | 'not-counting'
  | 'unknown-sku'
  | 'bundle-has-no-stock'
  | 'sku-not-in-stocktake'
  | 'already-counted'
  | 'fence-in-future'
  | 'fence-too-old'
  | 'fence-not-later'
  | 'not-waiting'
  | 'not-counted'
  | 'four-eyes';

export type StocktakeRefusal =
  | 'unknown-stocktake'
  | 'stocktake-exists'
  | 'not-counting'
  | 'lines-waiting'
  | 'lines-uncounted';
