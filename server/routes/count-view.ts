// A stocktake as the API shows it: from its own stream just after a command, from the read model with its progress.
import type { Stocktake } from '../../domain/count/stocktake.ts';
import { type StocktakeRow, stocktakeTally } from '../../projections/stocktakes.ts';

export function stocktakeSummary({ id, status, location, scope, expected }: Stocktake, revision: number) {
  return { stocktakeId: id, status, location, scope: scope.type, expected, revision };
}

export function stocktakeView(row: StocktakeRow) {
  const { id, status, location, scope, openedAt, openedBy, endedAt, revision } = row;
  const { expected, counted, found, statuses, over, short } = stocktakeTally(row);
  return {
    ...{
      stocktakeId: id,
      status,
      location,
      scope,
      openedAt: text(openedAt),
      openedBy,
      endedAt: text(endedAt),
      revision,
    },
    progress: { expected, counted, found },
    lines: statuses,
    units: { over, short, net: over - short },
  };
}

export function text(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
