// Asks before an action, and for its reason, in the browser's own modal dialog (focus stays in it, Escape leaves it).
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Question {
  readonly title: string;
  /** What will happen. */
  readonly text: string;
  /** The word on the button, such as `Pause`. */
  readonly action: string;
  readonly isDanger?: boolean;
  /** Asks for more: fields with names, whose values are in `form` of the answer. */
  readonly fields?: unknown;
  /** Asks why, or for other words; absent: it does not. */
  readonly reason?: WordsAsked;
}

export interface WordsAsked {
  readonly isRequired: boolean;
  readonly lengthMax: number;
  /** What is asked for; default: `Reason`. */
  readonly name?: string;
  /** What it must look like, in words; with `pattern`. */
  readonly rule?: string;
  readonly pattern?: string;
}

/** Undefined: somebody thought better of it. */
export type Confirmed = { readonly reason: string | undefined; readonly form: FormData } | undefined;

const asked = signal<{ readonly question: Question; answer(confirmed: Confirmed): void } | undefined>(undefined);

export function confirm(question: Question): Promise<Confirmed> {
  asked.value?.answer(undefined);
  return new Promise((resolve) => {
    asked.value = {
      question,
      answer(confirmed) {
        asked.value = undefined;
        resolve(confirmed);
      },
    };
  });
}

export function ConfirmDialog() {
  const open = asked.value;
  return open === undefined ? null : html`<${Dialog} key=${open.question.title} ...${open} />`;
}

function Dialog({ question, answer }: { readonly question: Question; answer(confirmed: Confirmed): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { title, text, action, isDanger, fields, reason } = question;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const why = form.get('reason');
    answer({ reason: typeof why === 'string' && why.trim() !== '' ? why.trim() : undefined, form });
  };
  return html`<dialog ref=${dialog} class=${fields && 'wide'} aria-labelledby="confirm-title" onClose=${() => answer(undefined)}>
    <form onSubmit=${submit}>
      <h2 id="confirm-title">${title}</h2>
      <p>${text}</p>
      ${fields}
      ${
        reason &&
        html`<label>
          ${reason.name ?? 'Reason'}${reason.isRequired ? '' : ' (optional)'}
          <input name="reason" required=${reason.isRequired} maxlength=${reason.lengthMax} pattern=${reason.pattern}
            title=${reason.rule} autocomplete="off" />
          <small>${reason.rule && `${reason.rule}. `}Kept in the log with your name.</small>
        </label>`
      }
      <div class="actions">
        <button type="button" onClick=${() => answer(undefined)}>Cancel</button>
        <button type="submit" class=${isDanger ? 'danger' : 'primary'}>${action}</button>
      </div>
    </form>
  </dialog>`;
}
