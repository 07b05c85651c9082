// What stands around every page: the way to the others, who looks, light or dark, and room for words about actions.
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { leave, may, session } from '../api/session.ts';
import { PAGES } from '../pages.ts';
import { NoScope, NotFound } from '../parts/states.ts';
import { ConfirmDialog } from './confirm.ts';
import type { Page } from './page.ts';
import { fetchView, fetchViews, PageView } from './page-view.ts';
import { hrefOf, type Route, route } from './route.ts';
import { theme, toggleTheme } from './theme.ts';
import { Toasts } from './toasts.ts';

/** After the first page came in: its figures come first. */
const OTHERS_AFTER_MS = 3_000;

export function Layout() {
  const main = useRef<HTMLElement>(null);
  const now = route.value;
  const page = pageOf(now);
  const title = page?.title ?? 'Not found';
  const place = now.parts.join('/');
  useEffect(() => {
    document.title = `${[...now.parts.slice(1), title].join(' · ')} · Evenstock`;
    main.current?.scrollTo(0, 0);
  }, [place]);
  useEffect(() => {
    const timer = setTimeout(() => void fetchViews(PAGES.filter(isAllowed)), OTHERS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const skip = (event: Event) => {
    event.preventDefault();
    main.current?.focus();
  };
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <header class="top">
      <a class="brand" href=${hrefOf()}><span class="mark" aria-hidden="true"></span>Evenstock</a>
      <nav aria-label="Pages"><${Links} current=${page} /></nav>
      <${Who} />
    </header>
    <main id="main" ref=${main} tabindex="-1">${shown(page, now)}</main>
    <${Toasts} />
    <${ConfirmDialog} />`;
}

function shown(page: Page | undefined, { parts, query }: Route) {
  if (page === undefined) return html`<${NotFound} />`;
  if (!isAllowed(page)) return html`<${NoScope} scopes=${page.scopes.filter((scope) => !may(scope))} />`;
  return html`<${PageView} key=${page.path} page=${page} parts=${parts.slice(1)} query=${query} />`;
}

/** The module of the page that the address names. @throws TypeError when it cannot be fetched */
export async function fetchRouted(): Promise<void> {
  const page = pageOf(route.value);
  if (page !== undefined) await fetchView(page);
}

function isAllowed({ scopes }: Page): boolean {
  return scopes.every(may);
}

function pageOf({ parts: [first = ''] }: Route): Page | undefined {
  return first === '' ? PAGES[0] : PAGES.find(({ path }) => path === first);
}

function Links({ current }: { readonly current: Page | undefined }) {
  return html`<ul>
    ${PAGES.filter(({ inMenu }) => inMenu !== false).map(
      (page) => html`<li key=${page.path}>
        <a href=${hrefOf(page.path)} aria-current=${page === current ? 'page' : undefined}>
          ${page.title}
        </a>
      </li>`,
    )}
  </ul>`;
}

function Who() {
  const now = session.value;
  if (now.state !== 'in') return null;
  const { client, isOpen } = now;
  const other = theme.value === 'dark' ? 'light' : 'dark';
  return html`<div class="who">
    ${
      isOpen
        ? html`<span class="badge warn" title="EVENSTOCK_INSECURE_NO_AUTH: whoever reaches this server may do everything">no key asked</span>`
        : html`<span class="client" title=${`Scopes: ${client.scopes.join(', ')}`}>${client.client}</span>
            <button type="button" class="quiet" onClick=${() => leave()}>Leave</button>`
    }
    <button type="button" class="quiet" onClick=${toggleTheme} aria-label=${`Show it ${other}`} title=${`Show it ${other}`}>
      ${other === 'dark' ? '☾' : '☀'}
    </button>
  </div>`;
}
