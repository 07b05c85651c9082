// Short words about what an action came to: read out by screen readers, gone by themselves unless something failed.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { refusalOf } from '../api/call.ts';

interface Toast {
  readonly id: number;
  readonly kind: 'good' | 'bad';
  readonly text: string;
}

const SHOWN_MS = 6_000;
const SHOWN_MAX = 4;
const toasts = signal<readonly Toast[]>([]);
let number = 0;

export function say(text: string): void {
  const { id } = show('good', text);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Stays until somebody takes it away. */
export function sayFailure(what: string, error: unknown): void {
  const { title, message } = refusalOf(error);
  show('bad', `${what}: ${title === message ? title : `${title}. ${message}`}`);
}

function show(kind: Toast['kind'], text: string): Toast {
  number += 1;
  const toast = { id: number, kind, text };
  toasts.value = [...toasts.value, toast].slice(-SHOWN_MAX);
  return toast;
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map(
      ({ id, kind, text }) => html`<div key=${id} class=${`toast ${kind}`}>
        <span>${text}</span>
        <button type="button" class="quiet" aria-label="Dismiss" onClick=${() => dismiss(id)}>✕</button>
      </div>`,
    )}
  </div>`;
}
