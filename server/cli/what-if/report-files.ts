// A comparison for other programs: JSON with everything, CSV with a line for each channel and figure.
import type { Outcome } from '../../../projections/what-if/outcome.ts';
import type { Comparison } from '../../../projections/what-if/what-if.ts';
import { cell } from '../../csv-cell.ts';
import { ASSUMPTIONS, bySeller, type Figure, totals } from './figures.ts';

export function comparisonJson(comparison: Comparison): string {
  const { from, to, events, recorded, inForce, other } = comparison;
  const sellers = [...bySeller(comparison)].map(([seller, figures]) => ({
    channel: seller === '' ? null : seller,
    figures: byName(figures),
  }));
  const report = {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...{ events, recorded, totals: byName(totals(comparison)), channels: sellers },
    ...{ inForce: courseJson(inForce), other: courseJson(other), assumptions: ASSUMPTIONS },
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function byName(figures: readonly Figure[]): object {
  return Object.fromEntries(
    figures.map(({ name, inForce, other }) => [name, { inForce, other, difference: other - inForce }]),
  );
}

function courseJson({ policyVersions, channels }: Outcome): object {
  return { policyVersions, channels: Object.fromEntries(channels) };
}

/** Channel `*` is all of them, an empty one the tills. */
export function comparisonCsv(comparison: Comparison): string {
  const rows = [
    ...totals(comparison).map((figure) => ['*', figure] as const),
    ...[...bySeller(comparison)].flatMap(([seller, figures]) => figures.map((figure) => [seller, figure] as const)),
  ];
  const lines = rows.map(([seller, { name, inForce, other }]) =>
    [seller, name, inForce, other, other - inForce].map(cell).join(','),
  );
  return `${['channel,figure,inForce,other,difference', ...lines].join('\r\n')}\r\n`;
}
