// A button for something that asks first. For whoever lacks the scope it is there and off, and says what is missing.
import { html } from 'htm/preact';
import { may } from '../api/session.ts';

export interface ActionButtonProps {
  /** The word on it. */
  readonly name: string;
  /** For screen readers, after the name. */
  readonly of?: string;
  /** What a key needs for it. */
  readonly scope: string;
  readonly isQuiet?: boolean;
  /** Not now, whoever it is. */
  readonly isOff?: boolean;
  act(): Promise<unknown>;
}

export function ActionButton({ name, of, scope, isQuiet, isOff = false, act }: ActionButtonProps) {
  const isAllowed = may(scope);
  const title = isAllowed ? undefined : `This needs a key with the scope ${scope}`;
  return html`<button type="button" class=${isQuiet ? 'quiet' : undefined} disabled=${!isAllowed || isOff} title=${title}
    onClick=${() => void act()}>${name} …${of && html`<span class="visually-hidden"> ${of}</span>`}</button>`;
}
