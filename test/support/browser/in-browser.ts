// The dashboard of a product in a real browser, for the tests of a `describe`: both are there before the first and gone after
// the last. Every page that a test opens is closed after it, and must have complained of nothing.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type OpenedPage, type Opening, openChromium, openPage } from './chromium.ts';

interface Served {
  readonly evenstock: { readonly url: string };
  close(): Promise<void>;
}

export interface InBrowser {
  /** Opens a page by its address after `#/`. */
  open(path: string, opening?: Opening): Promise<Page>;
  /** The same, by the whole address: another host, as a proxy. */
  openAt(url: string, opening?: Opening): Promise<Page>;
  /** Takes an open page to another address after `#/`. */
  go(page: Page, path: string): Promise<void>;
}

/** `key`: of whoever looks, unless an opening says otherwise. `start`: the product, with what happened before somebody looks. */
export function inBrowser(key: string | undefined, start: () => Promise<Served>): InBrowser {
  let served: Served;
  let browser: Browser;
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    served = await start();
    browser = await openChromium();
  }, 240_000);
  afterEach(async () => {
    const pages = opened.splice(0);
    for (const { close } of pages) await close();
    expect(pages.flatMap(({ faults }) => faults)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  const openAt = async (url: string, opening: Opening = {}) => {
    const one = await openPage(browser, url, { ...(key !== undefined && { key }), ...opening });
    opened.push(one);
    return one.page;
  };
  return {
    openAt,
    open: (path, opening) => openAt(`${served.evenstock.url}/#/${path}`, opening),
    go: async (page, path) => void (await page.goto(`${served.evenstock.url}/#/${path}`)),
  };
}

/** Presses the button of that name. */
export function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click();
}
