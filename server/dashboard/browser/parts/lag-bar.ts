// Lag of a channel against its budget: a bar to p99 with a mark at p50, and the budget as a line across; over it, the bar
// says so. Without a budget the scale is that of the slowest channel.
import { html } from 'htm/preact';
import { duration } from '../format.ts';

export interface LagBarProps {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly budgetMs: number | undefined;
  /** What the right end stands for. */
  readonly fullMs: number;
}

export function LagBar({ p50Ms, p99Ms, budgetMs, fullMs }: LagBarProps) {
  const share = (ms: number) => `${Math.min(100, (100 * ms) / Math.max(fullMs, 1)).toFixed(1)}%`;
  const isOver = budgetMs !== undefined && p99Ms > budgetMs;
  const said = `${duration(p50Ms)} / ${duration(p99Ms)}`;
  const of = budgetMs === undefined ? '' : ` of ${duration(budgetMs)}`;
  return html`<div class="lag">
    <span class=${isOver ? 'bad-text strong' : ''}>${said}<span class="quiet-text">${of}</span></span>
    <span class=${`lag-bar ${isOver ? 'over' : ''}`} aria-hidden="true">
      <span class="reach" style=${{ width: share(p99Ms) }}></span>
      <span class="half" style=${{ left: share(p50Ms) }}></span>
      ${budgetMs !== undefined && html`<span class="budget" style=${{ left: share(budgetMs) }}></span>`}
    </span>
  </div>`;
}
