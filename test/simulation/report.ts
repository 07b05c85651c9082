// What a run of the simulation prints: one line when all held; else what broke, the end of its trace and the command that
// repeats it.
import type { PlantName } from './plant.ts';
import type { Outcome } from './simulate.ts';

const TRACE_LINES = 60;
const LINE_CHARACTERS = 300;

export interface Repeatable {
  readonly steps: number | undefined;
  readonly plant: PlantName | undefined;
  /** The whole trace is printed already. */
  readonly whole: boolean;
}

export function outcomeText({ seed, steps, events, calls, virtualMs, healedMs, hash }: Outcome): string {
  const minutes = (virtualMs / 60_000).toFixed(1);
  return (
    `seed ${seed}: ${steps} steps, ${events} events, ${calls} calls, ${minutes} virtual minutes, ` +
    `right ${(healedMs / 1_000).toFixed(1)} s after the last fault, trace ${hash.slice(0, 16)}`
  );
}

export function failureText({ seed, violations, lines }: Outcome, { steps, plant, whole }: Repeatable): string {
  const repeat = [
    `npm run simulate -- --seed ${seed}`,
    ...(steps === undefined ? [] : [`--steps ${steps}`]),
    ...(plant === undefined ? [] : [`--plant "${plant}"`]),
  ].join(' ');
  return [
    `seed ${seed} broke ${violations.length} promises:`,
    ...violations.map(({ promise, what }) => `  ${promise}: ${what}`),
    ...(whole
      ? []
      : [`the last of ${lines.length} lines of its trace (--trace for all):`, ...lines.slice(-TRACE_LINES).map(cut)]),
    `repeat it: ${repeat} --trace`,
    '',
  ].join('\n');
}

function cut(line: string): string {
  return line.length <= LINE_CHARACTERS ? line : `${line.slice(0, LINE_CHARACTERS)}…`;
}
