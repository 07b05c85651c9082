// What a unit that is oversold costs: the part of the policy that says which SKUs matter more when a channel cannot be told
// everything at once. Only the order of updates follows from it, never a figure.
import { z } from 'zod';
import { type Issue, unique } from '../policy/issue.ts';
import { Sku } from '../stock/stream.ts';

const Value = z.number().positive().max(1e9);

export const UnitValues = z
  .strictObject({
    default: Value.default(1).meta({ description: 'Of every SKU that is not listed' }),
    skus: z.array(z.strictObject({ sku: Sku, value: Value })).default([]),
  })
  .meta({ description: 'What an oversold unit costs, in any unit of measure: among updates of one urgency it orders' });
export type UnitValues = z.output<typeof UnitValues>;

/** Each at most 1: the part of the highest value that any SKU has. O(1) each. */
export function valueParts(values: UnitValues = { default: 1, skus: [] }): (sku: string) => number {
  const most = values.skus.reduce((highest, { value }) => Math.max(highest, value), values.default);
  const bySku = new Map(values.skus.map(({ sku, value }) => [sku, value / most]));
  const usual = values.default / most;
  return (sku) => bySku.get(sku) ?? usual;
}

export function unitValueIssues(
  values: UnitValues | undefined,
  knowsSku: (sku: string) => boolean,
  issue: Issue,
): void {
  const skus = values?.skus ?? [];
  unique(
    skus.map(({ sku }) => ({ id: sku })),
    issue,
  );
  skus.forEach(({ sku }, n) => {
    if (!knowsSku(sku)) issue([n, 'sku'], `unknown SKU ${sku}`);
  });
}
