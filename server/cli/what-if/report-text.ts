// A comparison for people: totals and each channel side by side, and what was shown over time as a line of blocks.
import type { ShownOutcome } from '../../../projections/what-if/outcome.ts';
import type { Comparison } from '../../../projections/what-if/what-if.ts';
import { ASSUMPTIONS, bySeller, type Figure, totals } from './figures.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';

export function comparisonText(comparison: Comparison): string {
  const { from, to, events, recorded, inForce, other } = comparison;
  const span = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}, ${events} events`;
  const lines = [
    `What if: ${span}`,
    `  in force: policy ${inForce.policyVersions.join(', then ')}`,
    `  other:    policy ${other.policyVersions.join(', then ')}`,
    `  the log itself: ${recorded.oversold.units} units oversold in ${recorded.oversold.events} events`,
    '',
    ...table('all', totals(comparison)),
  ];
  for (const [seller, figures] of bySeller(comparison)) {
    lines.push('', ...table(seller === '' ? '(tills)' : seller, figures));
    const [was, would] = [inForce.channels.get(seller), other.channels.get(seller)];
    const most = Math.max(0, ...(was?.shown.samples ?? []), ...(would?.shown.samples ?? []));
    if (was !== undefined) lines.push(`  in force ${sparkline(was.shown.samples, most)}`);
    if (would !== undefined) lines.push(`  other    ${sparkline(would.shown.samples, most)}  0 to ${most}`);
    lines.push(...lagLine(would ?? was));
  }
  lines.push('', 'The model:', ...ASSUMPTIONS.map((assumption) => `  - ${assumption}`));
  return `${lines.join('\n')}\n`;
}

function lagLine(channel: ShownOutcome | undefined): readonly string[] {
  if (channel === undefined) return [];
  return [`  lag ${rounded(channel.lagMs / 1_000)} s (${channel.isLagMeasured ? 'measured' : 'assumed: --lag'})`];
}

const LABEL_WIDTH = 46;
const WIDTH = 12;

function table(name: string, figures: readonly Figure[]): readonly string[] {
  const head = `${name.padEnd(LABEL_WIDTH)}${'in force'.padStart(WIDTH)}${'other'.padStart(WIDTH)}${'difference'.padStart(WIDTH)}`;
  const rows = figures.map(({ label, inForce, other }) => {
    const difference = rounded(other - inForce);
    const isMore = other > inForce && difference !== '0';
    const cells = [rounded(inForce), rounded(other), isMore ? `+${difference}` : difference];
    return `  ${label.padEnd(LABEL_WIDTH - 2)}${cells.map((cell) => cell.padStart(WIDTH)).join('')}`;
  });
  return [head, ...rows];
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** 0 is the lowest block, `most` the highest. At most 120 characters. */
export function sparkline(samples: readonly number[], most: number): string {
  const level = (value: number) => (most <= 0 ? 0 : Math.round((value / most) * (BLOCKS.length - 1)));
  return samples.map((value) => BLOCKS[level(value)]).join('');
}
