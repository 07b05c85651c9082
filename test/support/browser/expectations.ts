// What every page must be and must survive, looked at in a real browser.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { generateKey } from '../../../server/auth/keys.ts';
import { accessibilityFaults } from './chromium.ts';

/** Nothing keeps people from using it, and it is not wider than its window, px. */
export async function expectFits(page: Page, { width }: { readonly width: number }): Promise<void> {
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
}

/** The API is out of reach for a while: the page says so, and by itself that it is over. `meanwhile`: what is looked at then. */
export async function expectSurvivesOutage(page: Page, meanwhile = async () => {}): Promise<void> {
  await page.context().route('**/v1/**', (route) => route.abort('connectionrefused'));
  await page.getByText('The server does not answer').waitFor();
  await meanwhile();
  await page.context().unroute('**/v1/**');
  await page.getByText('The server does not answer').waitFor({ state: 'detached' });
}

/** The key ends while the page is open: it asks for another one. */
export async function expectAsksForKey(page: Page): Promise<void> {
  await page.evaluate(`sessionStorage.setItem('evenstock.key', '${generateKey()}')`);
  await page.getByText('Your key is not valid any more').waitFor();
}
