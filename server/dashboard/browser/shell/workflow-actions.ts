// What people may say to an order or a transfer as it stands: a button each. Each asks first, how many units of which lines
// where that matters, and stands in its stream with who said it.
import { html } from 'htm/preact';
import { ActionButton } from '../parts/action-button.ts';
import { type LineAsked, UnitsAsked, unitsSaid } from '../parts/units-asked.ts';
import { type Confirmed, confirm, type Question } from './confirm.ts';
import { tell } from './tell.ts';
import { sayFailure } from './toasts.ts';

export interface Action {
  /** The word on the button. */
  readonly name: string;
  readonly question: Omit<Question, 'action' | 'fields'>;
  readonly lines?: readonly LineAsked[];
  /** Stand under the lines. */
  readonly fields?: unknown;
  /** What is so when it is taken. */
  readonly done: string;
  /** `said`: units of each line. Undefined: there is nothing to tell. */
  command(confirmed: NonNullable<Confirmed>, said: readonly number[]): Command | undefined;
}
interface Command {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface ActionsProps {
  /** Of the order or transfer in the API, and what people call it. */
  readonly path: string;
  readonly name: string;
  /** What a key needs for all of them. */
  readonly scope: string;
  readonly actions: readonly Action[];
  /** Something changed: read it again. */
  changed(): void;
}

export function WorkflowActions({ path, name, scope, actions, changed }: ActionsProps) {
  return html`<div class="actions" role="group" aria-label="Actions">
    ${actions.map(
      (action) =>
        html`<${ActionButton} key=${action.name} name=${action.name} scope=${scope} act=${() => act(path, name, action).then(changed)} />`,
    )}
  </div>`;
}

async function act(path: string, whose: string, { name, question, lines = [], fields, done, command }: Action) {
  const asked = lines.length === 0 ? fields : html`<${UnitsAsked} lines=${lines} />${fields}`;
  const confirmed = await confirm({ ...question, action: name, ...(asked !== undefined && { fields: asked }) });
  if (confirmed === undefined) return;
  const told = command(confirmed, unitsSaid(confirmed.form, lines));
  if (told === undefined) return sayFailure('Nothing was sent', new Error('The units of every line are 0.'));
  await tell(path, whose, told, `${whose}: ${done}`);
}

/** Those with units to speak of. */
export function positive<T extends { readonly quantity: number }>(units: readonly T[]): readonly T[] {
  return units.filter(({ quantity }) => quantity > 0);
}
