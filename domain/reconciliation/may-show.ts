// What a system may rightly have shown, and when: from what it was told (and answered) less what it sold by itself, or,
// where it is told nothing, from our own figures. The ground on which a difference is explained or called stale.
import type { Instant } from '../time.ts';
import type { Known, OwnSale, Telling } from './known.ts';

/** Between `from` and `to` the system may have shown `units`, less any of `sales` in the order in which they happened. */
export interface Claim {
  readonly units: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly sales: readonly OwnSale[];
  /** The event that made it so. */
  readonly event: string;
  /** The event that ended it; undefined: it holds. */
  readonly endedBy: string | undefined;
}

const ALWAYS = Number.POSITIVE_INFINITY;

/** Oldest first. Intervals overlap where the moment of a change is not known exactly. */
export function claimsOf(known: Known): readonly Claim[] {
  return known.tellings.length > 0 ? claimsOfTellings(known) : claimsOfFigures(known);
}

/**
 * A told value may be shown from the moment it was sent; until the answer to the next confirmed one at the latest. One
 * that was postponed or refused was not shown; an unknown one may have been, until something later is confirmed.
 */
function claimsOfTellings({ tellings, sales }: Known): readonly Claim[] {
  const shown = tellings.filter(({ outcome }) => outcome === 'confirmed' || outcome === 'unknown');
  return shown.map((telling) => {
    const end = endOf(telling, shown);
    return {
      units: telling.units,
      from: telling.startedAt,
      to: end?.finishedAt ?? ALWAYS,
      sales: salesDuring(telling.startedAt, end?.finishedAt ?? ALWAYS, sales),
      event: telling.event,
      endedBy: end?.event,
    };
  });
}

/** By version, not by place: calls of one SKU follow each other, but their records may be of several publishers. */
function endOf(telling: Telling, shown: readonly Telling[]): Telling | undefined {
  return shown.find(({ outcome, version }) => outcome === 'confirmed' && version > telling.version);
}

/**
 * Sales that may be in what it shows of this telling: those that happened from then on. One that was told late may have
 * been taken off already, or the value already knew it; then any number of the earlier ones may be left out.
 */
function salesDuring(from: Instant, to: Instant, sales: readonly OwnSale[]): readonly OwnSale[] {
  return sales.filter(({ occurredAt, recordedAt }) => occurredAt <= to && recordedAt >= from);
}

function claimsOfFigures({ figures }: Known): readonly Claim[] {
  return figures.map(({ units, at, happenedAt, event }, n) => {
    const next = figures[n + 1];
    const from = Math.min(at, happenedAt ?? at);
    return { units, from, to: next?.at ?? ALWAYS, sales: [], event, endedBy: next?.event };
  });
}

/** Does the claim allow `units`? Sales are taken off from any one on, in the order they happened. */
export function allows({ units, sales }: Claim, shown: number): boolean {
  if (shown === units) return true;
  if (shown > units) return false;
  for (let first = 0; first < sales.length; first += 1) {
    let left = units;
    for (let n = first; n < sales.length && left > shown; n += 1) left -= sales[n]!.units;
    if (left === shown) return true;
  }
  return false;
}

/** Units a system shows at the end of a claim, if it took off every sale. */
export function afterSales({ units, sales }: Claim): number {
  return Math.max(
    0,
    sales.reduce((left, sale) => left - sale.units, units),
  );
}
