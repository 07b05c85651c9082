// The inbox of exception cases in a real browser: a thousand of them stay usable; each is filtered, opened and worked on, and
// what was done stands in the log under the key of whoever did it.
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectFits } from '../support/browser/expectations.ts';
import { inBrowser, press } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { type Product, startProduct } from '../support/product.ts';

const CASES = 1_000;

describe.skipIf(!hasChromium)('the inbox of cases', { timeout: 180_000 }, () => {
  const key = generateKey();
  const reader = generateKey();
  let product: Product;
  const { open, go } = inBrowser(key, async () => {
    product = await startProduct({
      clients: [
        { id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' },
        { id: 'visitor', key: reader, scopes: ['cases:read'], locations: 'all', channels: 'all' },
      ],
    });
    // Sold by a till that could not know that there is none: each is a shortfall.
    const sale = (n: number) => ({
      ...{ id: `s-${n}`, type: 'sale', sku: `MUG-${String(n).padStart(4, '0')}`, location: 'store-1' },
      ...{ quantity: 1 + (n % 5), occurredAt: new Date().toISOString() },
    });
    await product.batch(Array.from({ length: CASES }, (_, n) => sale(n)));
    await vi.waitUntil(async () => total(await product.get('/v1/cases')) === CASES, { timeout: 90_000, interval: 200 });
    return product;
  });
  const table = (page: Page) => page.getByRole('region', { name: 'Exception cases' });
  const idOf = async (sku: string) => {
    const { body } = await product.get(`/v1/cases?status=all&sku=${sku}`);
    return (body['cases'] as readonly { readonly id: string }[])[0]!.id;
  };

  // First: the cases in the pictures are open then.
  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      const page = await open('cases?status=all', { theme, size });
      await table(page).getByRole('checkbox').first().check();
      await expectFits(page, size);
      if (name === 'laptop') await screenshot(page, `cases-${theme}`, 768);
      await table(page).getByRole('link').first().click();
      await page.getByRole('heading', { name: 'History' }).waitFor();
      await expectFits(page, size);
      if (name === 'laptop' && theme === 'light') await screenshot(page, 'case-light', 768);
    });
  });

  it('shows a thousand, of which those in sight are in the page, and scrolls to the last', async () => {
    const page = await open('cases');
    await page.getByRole('status').getByText('1,000 cases').waitFor();
    expect(await table(page).getByRole('row').count()).toBeLessThan(100);
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(CASES + 1));
    await table(page).evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await table(page)
      .locator(`[aria-rowindex="${CASES + 1}"]`)
      .waitFor();
  });

  it('filters by what is chosen, keeps that in the address, and says when nothing is like that', async () => {
    const page = await open('cases');
    await page.getByLabel('Kind').selectOption('shortfall');
    await page.getByRole('status').getByText('1,000 cases').waitFor();
    expect(page.url()).toContain('kind=shortfall');
    await page.getByLabel('Severity').selectOption('low');
    await page.getByText('No case is like that').waitFor();
    await page.getByLabel('Severity').selectOption('any');
    await page.getByLabel('Overdue only').check();
    await page.getByText('No case is like that').waitFor();
    await page.reload();
    await page.getByText('No case is like that').waitFor();
    expect(await page.getByLabel('Overdue only').isChecked()).toBe(true);
    expect(await page.getByLabel('Kind').inputValue()).toBe('shortfall');
  });

  it('works on a selection at once, by keyboard alone, and says what each came to', async () => {
    const page = await open('cases');
    const first = table(page).getByRole('checkbox').first();
    await first.focus();
    await page.keyboard.press('Space');
    // Past the case and its SKU.
    for (let n = 0; n < 3; n++) await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: 'Assign …' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('Owner', { exact: false }).last().fill('two words');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog').isVisible(), 'an owner has no spaces').toBe(true);
    await page.getByLabel('Owner', { exact: false }).last().fill('bert');
    await page.keyboard.press('Enter');
    await page.getByText('2 cases assigned').waitFor();
    const { body } = await product.get('/v1/cases?owner=bert');
    expect(total({ body })).toBe(2);
    await page.getByLabel('Owner').first().fill('bert');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('2 cases', { exact: true }).waitFor();
  });

  it('one is opened, commented, tried again and resolved, with a history that says who', async () => {
    const page = await open(`cases/${await idOf('MUG-0500')}`);
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.getByText('MUG-0500', { exact: true }).waitFor();
    await press(page, 'Comment …');
    await page.getByRole('textbox', { name: 'Comment' }).fill('the shelf is empty');
    await press(page, 'Comment');
    const history = page.getByRole('region', { name: 'What happened to the case' });
    await history.getByText('the shelf is empty').waitFor();
    expect(await history.getByText('anna').count()).toBeGreaterThan(0);
    await press(page, 'Retry …');
    await press(page, 'Retry');
    await page.getByText(/1 case (tried again|not tried again)/).waitFor();
    await press(page, 'Resolve …');
    await press(page, 'Resolve');
    expect(await page.getByRole('dialog').isVisible(), 'what was done must be said').toBe(true);
    await page.getByLabel('What was done').fill('counted again');
    await press(page, 'Resolve');
    await page.getByText('Closed with:').waitFor();
    const { body } = await product.get(`/v1/cases/${await idOf('MUG-0500')}`);
    expect(body).toMatchObject({ status: 'resolved', closedWith: 'counted again', comments: 1 });
    expect(await page.getByRole('button', { name: 'Dismiss …' }).count(), 'it is closed').toBe(0);
  });

  it('leads from a case to its SKU and back to the cases of that SKU, filtered', async () => {
    const page = await open(`cases/${await idOf('MUG-0499')}`);
    await page.getByRole('link', { name: 'MUG-0499' }).click();
    await page.getByRole('heading', { name: 'SKUs / MUG-0499' }).waitFor();
    expect(await page.getByRole('combobox', { name: /^Location/ }).inputValue()).toBe('store-1');
    await page.getByRole('link', { name: '1 open case' }).click();
    await page.getByRole('status').getByText('1 case', { exact: true }).waitFor();
    expect(await page.getByRole('searchbox', { name: 'SKU' }).inputValue()).toBe('MUG-0499');
    await table(page).getByRole('link', { name: 'MUG-0499', exact: true }).waitFor();
    await go(page, 'cases?location=store-1&orderId=o-17');
    await page.getByText('No case is like that').waitFor();
    await page.getByRole('button', { name: 'order o-17' }).click();
    await table(page).getByRole('row').nth(3).waitFor();
    expect(page.url()).not.toContain('orderId');
  });

  it('works in pieces, stays usable meanwhile, and says what was not done', async () => {
    const comments = async () => {
      const { body } = await product.get('/v1/cases?limit=1000');
      const all = body['cases'] as readonly { readonly comments: number }[];
      return all.reduce((sum, one) => sum + one.comments, 0);
    };
    const all = total(await product.get('/v1/cases'));
    const before = await comments();
    const page = await open('cases');
    const held = Promise.withResolvers<void>();
    const refusal = { reason: 'unavailable', title: 'The event log cannot be reached', detail: 'the log is away' };
    let pieces = 0;
    await page.context().route('**/v1/cases/commands', async (route) => {
      pieces += 1;
      if (pieces === 3) await held.promise;
      if (pieces <= 3) return route.continue();
      const body = JSON.stringify({ ...refusal, retryAfterMs: 50 });
      return route.fulfill({ status: 503, contentType: 'application/problem+json', body });
    });
    await page.getByRole('button', { name: /^Select all/ }).click();
    await press(page, 'Comment …');
    await page.getByRole('textbox', { name: 'Comment' }).fill('a rehearsal');
    await press(page, 'Comment');
    await page.getByText(/200 of [\d,]+ cases answered/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    // The third piece is on its way: the list scrolls, and other cases are looked at.
    await table(page).evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await table(page)
      .locator(`[aria-rowindex="${all + 1}"]`)
      .waitFor();
    await page.getByLabel('Severity').selectOption('low');
    await page.getByText('No case is like that').waitFor();
    await page.getByText(/200 of [\d,]+ cases answered/).waitFor();
    await page.getByLabel('Severity').selectOption('any');
    held.resolve();
    await page.getByText(`${all - 300} cases not commented`).waitFor({ timeout: 60_000 });
    await page.getByText('300 cases commented').waitFor();
    expect(await comments()).toBe(before + 300);
    expect(pieces).toBe(3 + 4);
    // Those that are still to be done are selected, also after other cases were looked at.
    await page
      .getByRole('alert')
      .getByText(`${all - 300}: the log is away`)
      .waitFor();
    await page.getByText(`${all - 300} selected`).waitFor();
    await page.context().unroute('**/v1/cases/commands');
  });

  it('keeps selected what was not done, with why, so that it is done at the second go', async () => {
    const page = await open('cases?sku=MUG-0498');
    await table(page).getByRole('checkbox').first().check();
    const why = { reason: 'conflict', outcome: 'refused', detail: 'somebody else was quicker' };
    await page.context().route('**/v1/cases/commands', async (route) => {
      const { cases } = route.request().postDataJSON() as { readonly cases: readonly string[] };
      await route.fulfill({ json: { commandId: 'c', results: cases.map((one) => ({ case: one, ...why })) } });
    });
    const assign = async (owner: string) => {
      await press(page, 'Assign …');
      await page.getByRole('dialog').getByLabel('Owner').fill(owner);
      await press(page, 'Assign');
    };
    await assign('carla');
    const banner = page.getByRole('alert');
    await banner.getByText('1 case left as before').waitFor();
    await banner.getByText('somebody else was quicker').waitFor();
    await page.getByText('1 selected').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.context().unroute('**/v1/cases/commands');
    await assign('carla');
    await page.getByText('1 case assigned').waitFor();
    await banner.waitFor({ state: 'detached' });
    expect(total(await product.get('/v1/cases?owner=carla'))).toBe(1);
  });

  it('dismisses all that are shown, more than one request takes, once somebody says why', async () => {
    const before = total(await product.get('/v1/cases'));
    const page = await open('cases');
    await page.getByRole('button', { name: /^Select all/ }).click();
    await press(page, 'Dismiss …');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(total(await product.get('/v1/cases'))).toBe(before);
    await press(page, 'Dismiss …');
    await page.getByLabel('Why nothing has to be done').fill('a rehearsal');
    await press(page, 'Dismiss');
    await page.getByText(/cases dismissed/).waitFor({ timeout: 90_000 });
    await page.getByText('No open cases').waitFor();
    expect(total(await product.get('/v1/cases'))).toBe(0);
    expect(total(await product.get('/v1/cases?status=dismissed'))).toBe(before);
  });

  it('says that a case is not there, that a key may only look, and that the server is gone', async () => {
    const page = await open('cases/shortfall-0123456789abcdef', { key: reader });
    await page.getByText('there is no case shortfall-0123456789abcdef').waitFor();
    await go(page, 'cases?status=all');
    await page.getByRole('status').getByText('1,000 cases').waitFor();
    expect(await page.getByRole('button', { name: 'Comment …' }).isDisabled()).toBe(true);
    await page.context().route('**/v1/**', (route) => route.abort('connectionrefused'));
    await page.getByText('The server does not answer').waitFor();
    await page.context().unroute('**/v1/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The server does not answer').waitFor({ state: 'detached' });
  });
});

function total({ body }: { readonly body: Record<string, unknown> }): number {
  return (body['counts'] as { readonly total: number }).total;
}
