// What stands where figures would be when there are none: it loads, there is nothing, or it went wrong and why.
import { html } from 'htm/preact';
import type { Refusal } from '../api/call.ts';
import type { Reading } from '../api/reading.ts';
import { session } from '../api/session.ts';
import { hrefOf } from '../shell/route.ts';

export function Loading() {
  return html`<div class="state loading" role="status"><span class="visually-hidden">Loading</span></div>`;
}

/** `text` says what being empty means. */
export function Empty({ title, text }: { readonly title: string; readonly text?: string }) {
  return html`<div class="state empty"><p class="strong">${title}</p>${text && html`<p>${text}</p>`}</div>`;
}

export function Problem({ problem, retry }: { readonly problem: Refusal; retry?: (() => void) | undefined }) {
  const { title, message, status } = problem;
  return html`<div class="state problem" role="alert">
    <p class="strong">${title}</p>
    ${message !== title && html`<p>${message}</p>`}
    ${retry && status !== 403 && html`<button type="button" onClick=${retry}>Try again</button>`}
  </div>`;
}

/** Above figures that are older than they should be. */
export function Stale({ problem, retry }: { readonly problem: Refusal; retry(): void }) {
  return html`<div class="banner bad" role="status">
    <span><strong>${problem.title}.</strong> What is shown is from before.</span>
    <button type="button" onClick=${retry}>Try again</button>
  </div>`;
}

/** The content once there is data; until then, or when there cannot be, what is the matter. */
export function Shown<T>({ reading, children }: { readonly reading: Reading<T>; children(data: T): unknown }) {
  const { data, problem, reload } = reading;
  if (data !== undefined) {
    return html`${problem && html`<${Stale} problem=${problem} retry=${reload} />`}${children(data)}`;
  }
  return problem === undefined ? html`<${Loading} />` : html`<${Problem} problem=${problem} retry=${reload} />`;
}

export function NoScope({ scopes }: { readonly scopes: readonly string[] }) {
  const now = session.value;
  const who = now.state === 'in' ? now.client.client : 'You';
  return html`<div class="state problem" role="alert">
    <p class="strong">This page needs a key with the scope ${scopes.join(' and ')}</p>
    <p>${who} does not have it. Ask whoever keeps the keys file.</p>
  </div>`;
}

export function NotFound() {
  return html`<div class="state empty">
    <p class="strong">There is no such page</p>
    <p><a href=${hrefOf()}>To the overview</a></p>
  </div>`;
}
