// The view of a page. Its module is fetched when it is shown, and those of the other pages a while later, so that the first
// figures wait for none of them. Where a module cannot be fetched the page says why, and is loaded anew as soon as that
// helps: not every browser asks again for a module that failed (whatwg/html#6768).
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Refusal, refusalOf } from '../api/call.ts';
import { Loading, Problem } from '../parts/states.ts';
import type { Page, PageProps } from './page.ts';

const RETRY_MS = 3_000;
const views = signal<ReadonlyMap<Page, ComponentType<PageProps>>>(new Map());

/** @throws TypeError when its module cannot be fetched */
export async function fetchView(page: Page): Promise<void> {
  const { View } = await page.load();
  if (!views.value.has(page)) views.value = new Map([...views.value, [page, View]]);
}

/** One after another, so that they hold up nothing. What fails is said when it is shown. */
export async function fetchViews(pages: readonly Page[]): Promise<void> {
  for (const page of pages) await fetchView(page).catch(() => {});
}

export function PageView({ page, ...props }: PageProps & { readonly page: Page }) {
  const View = views.value.get(page);
  const [problem, setProblem] = useState<Refusal | undefined>(undefined);
  useEffect(() => {
    const leaving = new AbortController();
    fetchView(page).catch((error) => recover(error, setProblem, leaving.signal));
    return () => leaving.abort();
  }, [page]);
  if (View !== undefined) return html`<${View} ...${props} />`;
  return problem === undefined
    ? html`<${Loading} />`
    : html`<h1>${page.title}</h1><${Problem} problem=${problem} retry=${() => location.reload()} />`;
}

async function recover(error: unknown, say: (problem: Refusal) => void, left: AbortSignal): Promise<void> {
  let wasAway = false;
  for (;;) {
    const status = await askForThisFile();
    const isUpdated = status === 404;
    const isThere = status === 200;
    if (isUpdated) say(new Refusal(status, UPDATED));
    else if (isThere) say(refusalOf(error));
    else say(new Refusal(status, AWAY));
    // Neither an update nor an outage, and loading it again has not helped.
    if (isThere && !wasAway && isReloaded()) return;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    if (left.aborted) return;
    if (isUpdated || isThere) return location.reload();
    wasAway = true;
  }
}

const UPDATED = { title: 'Evenstock was updated', detail: 'The page is loaded again.' };
const AWAY = { title: 'The server does not answer', detail: 'The page is loaded as soon as it does.' };

/** What the server answers for it now: 404 when it is another release's; 0: nothing. */
async function askForThisFile(): Promise<number> {
  const asked = fetch(import.meta.url, { method: 'HEAD', cache: 'no-store', credentials: 'omit' });
  return asked.then(
    ({ status }) => status,
    () => 0,
  );
}

function isReloaded(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.type === 'reload';
}
