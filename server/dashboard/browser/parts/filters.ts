// What a list is filtered by. It stands in the address, so that a filter can be kept and sent on; another filter begins
// at the first page.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { hrefOf, setQuery } from '../shell/route.ts';

interface FilterProps {
  /** Of the parameter in the address. */
  readonly name: string;
  readonly title: string;
  readonly query: URLSearchParams;
}
type Changed = { readonly currentTarget: HTMLInputElement | HTMLSelectElement };

/** `label`: other fields of it, such as a check box. */
export function Filters({ label, children }: { readonly label: string; readonly children?: unknown }) {
  return html`<form class="filters" role="search" aria-label=${label} onSubmit=${(event: Event) => event.preventDefault()}>
    ${children}
  </form>`;
}

type Options = readonly (readonly [value: string, text: string])[];

/** `any`: the word for no filter. */
export function Choice({
  name,
  title,
  query,
  options,
  any,
}: FilterProps & { readonly options: Options; readonly any: string }) {
  const chosen = query.get(name) ?? '';
  const isListed = chosen === '' || options.some(([value]) => value === chosen);
  const shown: Options = [['', any], ...options, ...(isListed ? [] : [[chosen, chosen] as const])];
  return html`<label>${title}
    <select value=${chosen} onChange=${({ currentTarget }: Changed) => setFilter(name, currentTarget.value)}>
      ${shown.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
    </select>
  </label>`;
}

/** What is typed stays while the list is read anew; it counts once it is entered. */
export function Typed({ name, title, query, placeholder }: FilterProps & { readonly placeholder?: string }) {
  const entered = query.get(name) ?? '';
  const [typed, setTyped] = useState({ over: entered, text: entered });
  const text = typed.over === entered ? typed.text : entered;
  return html`<label>${title}
    <input type="search" value=${text} placeholder=${placeholder} autocomplete="off" spellcheck=${false}
      onInput=${({ currentTarget }: Changed) => setTyped({ over: entered, text: currentTarget.value })}
      onChange=${({ currentTarget }: Changed) => setFilter(name, currentTarget.value.trim())} />
  </label>`;
}

export function Ticked({ name, title, query }: FilterProps) {
  return html`<label class="check">
    <input type="checkbox" checked=${query.get(name) === 'true'}
      onChange=${({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => setFilter(name, currentTarget.checked ? 'true' : '')} />
    ${title}
  </label>`;
}

function setFilter(name: string, value: string): void {
  setQuery({ [name]: value, cursor: undefined });
}

/** Opens one by its id, whether or not it is listed. */
export function OpenById({ page, title }: { readonly page: string; readonly title: string }) {
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const id = String(new FormData(event.target as HTMLFormElement).get('id')).trim();
    if (id !== '') location.hash = hrefOf(page, id);
  };
  return html`<form class="filters" onSubmit=${open}>
    <label>${title} <input name="id" required autocomplete="off" spellcheck=${false} /></label>
    <button type="submit">Open</button>
  </form>`;
}

/** The parameters of `names` that are in the address, for asking the API. */
export function askedOf(query: URLSearchParams, names: readonly string[]): URLSearchParams {
  const asked = new URLSearchParams();
  for (const name of names) if (query.has(name)) asked.set(name, query.get(name)!);
  return asked;
}

interface PagingProps {
  /** Of the page's address. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Absent: this is the last page. */
  readonly next: string | undefined;
}

/** To the next page of a list and to its first; the browser's way back is the way back. */
export function Paging({ path, query, next }: PagingProps) {
  const isFirst = !query.has('cursor');
  if (isFirst && next === undefined) return null;
  const to = (cursor?: string) => {
    const other = new URLSearchParams(query);
    other.delete('cursor');
    if (cursor !== undefined) other.set('cursor', cursor);
    return `${hrefOf(...path)}${other.size === 0 ? '' : `?${other}`}`;
  };
  return html`<nav class="paging" aria-label="Pages of the list">
    ${!isFirst && html`<a href=${to()}>First page</a>`}
    ${next === undefined ? html`<span class="quiet-text">This is the last page.</span>` : html`<a href=${to(next)}>Next page</a>`}
  </nav>`;
}
