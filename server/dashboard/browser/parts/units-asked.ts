// Asks how many units of each line, in a dialog: `Receive: 3 of MUG-RED`. A line that is left at 0 is not told.
import { html } from 'htm/preact';
import { count } from '../format.ts';

export interface LineAsked {
  /** What the units are of, in words. */
  readonly name: string;
  /** What stands there at first. */
  readonly units: number;
  /** Absent: as many as somebody says. */
  readonly unitsMax?: number | undefined;
}

const QUANTITY_MAX = 1_000_000_000;

export function UnitsAsked({ lines }: { readonly lines: readonly LineAsked[] }) {
  return html`<ul class="units-asked">
    ${lines.map(
      ({ name, units, unitsMax }, n) => html`<li key=${name}>
        <label for=${`units-${n}`}>${name} ${unitsMax !== undefined && html`<small>of ${count(unitsMax)}</small>`}</label>
        <input id=${`units-${n}`} name=${`units-${n}`} type="number" required min="0" max=${unitsMax ?? QUANTITY_MAX} step="1" value=${units} />
      </li>`,
    )}
  </ul>`;
}

/** As said of each line, in their order. */
export function unitsSaid(form: FormData, lines: readonly LineAsked[]): readonly number[] {
  return lines.map((_, n) => Number(form.get(`units-${n}`)));
}
