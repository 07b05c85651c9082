// The order in which the month's lines arrive: by the hour, shuffled within it, some of them twice. All of it comes
// from one seed, so that a run that failed can be repeated.
import type { StockCommandJson } from '../../../domain/stock/commands.ts';
import { HOUR, type Instant } from '../../../domain/time.ts';

export interface Hour {
  /** When its deliveries arrive: the end of the hour, so no fact is from the future. */
  readonly arrivesAt: Instant;
  readonly commands: readonly StockCommandJson[];
}

export interface Deliveries {
  readonly hours: readonly Hour[];
  /** Lines delivered a second time: within the hour, or later. */
  readonly repeatedSoon: number;
  readonly repeatedLate: number;
}

/** How late a second delivery may come; it is well inside the window of 45 days. */
const LATE_HOURS_MAX = 10 * 24;

/** @param share of the commands that are delivered twice, 0 to 1 */
export function planDeliveries(commands: readonly StockCommandJson[], share: number, random: () => number): Deliveries {
  const byHour = new Map<number, StockCommandJson[]>();
  const deliver = (hour: number, command: StockCommandJson) => {
    const hours = byHour.get(hour);
    if (hours === undefined) byHour.set(hour, [command]);
    else hours.push(command);
  };
  const hourOf = (command: StockCommandJson) => Math.floor(Date.parse(command.occurredAt!) / HOUR);
  const last = Math.max(...new Set(commands.map(hourOf)));
  let repeatedSoon = 0;
  let repeatedLate = 0;
  for (const command of commands) {
    const hour = hourOf(command);
    deliver(hour, command);
    if (random() >= share) continue;
    const later = random() < 0.5 ? hour : Math.min(last, hour + Math.floor(random() * LATE_HOURS_MAX));
    deliver(later, command);
    if (later === hour) repeatedSoon += 1;
    else repeatedLate += 1;
  }
  const hours = [...byHour]
    .sort(([a], [b]) => a - b)
    .map(([hour, delivered]) => ({ arrivesAt: (hour + 1) * HOUR, commands: shuffled(delivered, random) }));
  return { hours, repeatedSoon, repeatedLate };
}

/** Fisher–Yates. */
function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const out = [...values];
  for (let n = out.length - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    [out[n], out[other]] = [out[other]!, out[n]!];
  }
  return out;
}

/** mulberry32: 0 ≤ random < 1, the same numbers for the same seed everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
