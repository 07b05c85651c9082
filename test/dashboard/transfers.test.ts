// Transfers in a real browser: where the units are at both ends, received in parts, with what went wrong and why.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectAsksForKey, expectFits, expectSurvivesOutage } from '../support/browser/expectations.ts';
import { inBrowser, press } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { type Product, startProduct } from '../support/product.ts';

const OPEN = 102;

describe.skipIf(!hasChromium)('the pages of transfers', { timeout: 180_000 }, () => {
  const [key, store2, reader] = [generateKey(), generateKey(), generateKey()];
  let product: Product;
  const { open, go } = inBrowser(key, async () => {
    product = await startProduct({
      policy: {
        locations: [{ id: 'warehouse' }, { id: 'store-1' }, { id: 'store-2' }],
        channels: [{ id: 'webshop', locations: ['warehouse'] }],
      },
      clients: [
        { id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' },
        {
          id: 'store-2',
          key: store2,
          scopes: ['transfers:read', 'transfers:write', 'stock:read', 'events:read'],
          locations: ['store-2'],
          channels: 'all',
        },
        { id: 'visitor', key: reader, scopes: ['transfers:read'], locations: 'all', channels: 'all' },
      ],
    });
    for (const sku of ['TEE', 'MUG', 'LAMP']) await product.command({ type: 'receipt', sku, quantity: 500 });
    for (let n = 1; n <= OPEN; n += 1) await ask(`bulk-${n}`, { MUG: 1 });
    return product;
  });
  const linesOf = (units: Readonly<Record<string, number>>) =>
    Object.entries(units).map(([sku, quantity]) => ({ sku, quantity }));
  const ask = async (transferId: string, units: Readonly<Record<string, number>>, to = 'store-1') => {
    const asked = { id: 'ask', transferId, from: 'warehouse', to, lines: linesOf(units) };
    const { status, body } = await product.post('/v1/transfers', asked);
    expect(status, JSON.stringify(body)).toBe(200);
  };
  const say = async (transferId: string, type: string, units: Readonly<Record<string, number>>, more = {}) => {
    const command = { id: `${type}-1`, type, lines: linesOf(units), ...more };
    const { status, body } = await product.post(`/v1/transfers/${transferId}/commands`, command);
    expect(status, JSON.stringify(body)).toBe(200);
  };
  const transferOf = async (id: string) => (await product.get(`/v1/transfers/${id}`)).body;
  const tell = async (page: Page, action: string, units: Readonly<Record<string, number>>, reason?: string) => {
    await press(page, `${action} …`);
    for (const [sku, n] of Object.entries(units)) await page.getByRole('spinbutton', { name: sku }).fill(String(n));
    if (reason !== undefined) await page.getByRole('textbox', { name: 'Reason' }).fill(reason);
    await press(page, action);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  /** The figures of a line: asked for, set aside, dispatched, in-transit, received, over, short, rejected, coming back, returned. */
  const line = (page: Page, sku: string) =>
    page.getByRole('region', { name: 'Units by SKU' }).getByRole('row').filter({ hasText: sku });
  const becomes = (page: Page, sku: string, ...figures: readonly number[]) =>
    expect
      .poll(() => line(page, sku).getByRole('cell').allInnerTexts(), { timeout: 20_000 })
      .toEqual([sku, ...figures.map(String)]);
  const history = (page: Page) => page.getByRole('region', { name: 'What happened, newest first' });

  it('lists those that are open in pages, by status and location at either end', async () => {
    await ask('other', { LAMP: 2 }, 'store-2');
    const page = await open('transfers');
    await page.getByRole('link', { name: 'bulk-1', exact: true }).waitFor();
    await page.getByText('100 transfers, the oldest of more').waitFor();
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'other' }).waitFor();
    await page.getByText('This is the last page').waitFor();
    // The list is read anew meanwhile; what is typed stays.
    await page.getByLabel('Location').fill('store-2');
    for (let n = 0; n < 2; n += 1) await page.waitForResponse(/\/v1\/transfers\?/);
    await page.keyboard.press('Enter');
    await page.getByText('1 transfer', { exact: true }).waitFor();
    await page.getByLabel('Stuck only').check();
    await page.getByText('No open transfer is like that').waitFor();
    expect(page.url()).toMatch(/location=store-2&stuck=true$/);
    await page.getByLabel('Stuck only').uncheck();
    await page.getByLabel('Status').selectOption('underway');
    await page.getByText('No open transfer is like that').waitFor();
  });

  it('is dispatched, received in parts, short, rejected and brought back: each unit is seen at both ends', async () => {
    await ask('T-1', { TEE: 8, MUG: 3 });
    const page = await open('transfers/T-1');
    await becomes(page, 'TEE', 8, 8, 0, 0, 0, 0, 0, 0, 0, 0);
    await tell(page, 'Dispatch', { TEE: 7, MUG: 3 });
    await becomes(page, 'TEE', 8, 1, 7, 7, 0, 0, 0, 0, 0, 0);
    await page.getByRole('combobox', { name: 'SKU' }).selectOption('TEE');
    const [origin, destination] = ['warehouse', 'store-1'].map((name) =>
      page.getByRole('group', { name: `At ${name}` }),
    );
    await origin!.getByText('7 of this transfer').waitFor();
    await origin!.getByText('1 set aside for it').waitFor();
    await destination!.getByText('7 of this transfer').waitFor();

    await press(page, 'Receive …');
    await page.getByRole('spinbutton', { name: 'TEE' }).fill('8');
    await press(page, 'Receive');
    expect(await page.getByRole('dialog').isVisible(), 'there are not so many in-transit').toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await tell(page, 'Receive', { TEE: 3, MUG: 0 });
    await becomes(page, 'TEE', 8, 1, 7, 4, 3, 0, 0, 0, 0, 0);
    await tell(page, 'Short', { TEE: 1 }, 'broken');
    await tell(page, 'Reject', { TEE: 2 }, 'wrong colour');
    await becomes(page, 'TEE', 8, 1, 7, 1, 3, 0, 1, 2, 2, 0);
    await tell(page, 'Return', { TEE: 1 });
    await tell(page, 'Short on the way back', { TEE: 1 }, 'lost');
    await tell(page, 'Receive', { TEE: 1, MUG: 3 });
    await tell(page, 'Over', { TEE: 1 }, 'not on the note');
    await becomes(page, 'TEE', 8, 1, 7, 0, 4, 1, 2, 2, 0, 1);
    await press(page, 'Call off …');
    await press(page, 'Call off');
    await page.getByText('completed').first().waitFor();
    const wrong = page.getByRole('region', { name: 'What was short, over or rejected' });
    for (const why of ['broken', 'wrong colour', 'lost', 'not on the note']) await wrong.getByText(why).waitFor();
    await history(page).getByText('called off').waitFor();
    expect(await history(page).getByText('anna').count()).toBeGreaterThan(7);
    expect((await product.get('/v1/stock/TEE/store-1')).body).toMatchObject({ onHand: 5, inTransitIn: 0 });
  });

  it('nothing is sent where every line is 0, and a refusal says why', async () => {
    await ask('T-2', { LAMP: 2 });
    const page = await open('transfers/T-2');
    await tell(page, 'Dispatch', { LAMP: 0 });
    await page.getByText('The units of every line are 0.').waitFor();
    await say('T-2', 'dispatch', { LAMP: 2 });
    await page.getByRole('button', { name: 'Receive …' }).waitFor();
    // Somebody else takes them in while this dialog is open.
    await press(page, 'Receive …');
    await say('T-2', 'receive', { LAMP: 2 });
    await press(page, 'Receive');
    await page.getByText('Transfer T-2 was left as it was').waitFor();
    expect(await transferOf('T-2')).toMatchObject({ status: 'completed', lines: [{ received: 2 }] });
  });

  it('a key of one end works there, and sees of the other what it may', async () => {
    await ask('T-3', { MUG: 2 }, 'store-2');
    await say('T-3', 'dispatch', { MUG: 2 });
    const page = await open('transfers/T-3', { key: store2 });
    await page
      .getByRole('group', { name: 'At warehouse' })
      .getByText(/limited to other locations/)
      .waitFor();
    await page.getByRole('group', { name: 'At store-2' }).getByText('2 of this transfer').waitFor();
    await tell(page, 'Dispatch', { MUG: 1 });
    await page.getByText('Transfer T-3 was left as it was').waitFor();
    await tell(page, 'Receive', { MUG: 1 });
    await page.getByText('Transfer T-3: received').waitFor();
    await history(page).getByText('store-2').first().waitFor();
    await go(page, 'transfers/bulk-1');
    // What was said of T-3 stands beside the page still.
    const shown = page.getByRole('main');
    await shown.getByText(/limited to other locations/).waitFor();
    await go(page, 'transfers?location=store-1');
    await shown.getByText(/limited to other locations than store-1/).waitFor();
  });

  it('says that a transfer is not there, what a key may not, and that the server is gone', async () => {
    const page = await open('transfers/none', { key: reader });
    await page.getByText('There is no transfer none').waitFor();
    await go(page, 'transfers/bulk-2');
    await page.getByText('This needs a key with the scope events:read').waitFor();
    expect(await page.getByRole('button', { name: 'Dispatch …' }).isDisabled()).toBe(true);
    expect(await page.getByRole('heading', { name: 'Both ends' }).count(), 'it may not see stock').toBe(0);
    await expectSurvivesOutage(page, async () => {
      expect(await line(page, 'MUG').isVisible(), 'what was known stays').toBe(true);
    });
    await expectAsksForKey(page);
  });

  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      const id = `seen-${theme}-${name}`;
      await ask(id, { TEE: 12, MUG: 6, LAMP: 4 });
      await say(id, 'dispatch', { TEE: 10, MUG: 6, LAMP: 4 });
      await say(id, 'receive', { TEE: 5, MUG: 6 });
      await say(id, 'short', { TEE: 1 }, { reason: 'broken' });
      await say(id, 'reject', { LAMP: 2 }, { reason: 'wrong colour' });
      const page = await open('transfers', { theme, size });
      await page.getByRole('link', { name: 'bulk-1', exact: true }).waitFor();
      await expectFits(page, size);
      await go(page, `transfers/${id}`);
      await history(page).getByText('opened', { exact: true }).waitFor();
      await page.getByRole('group', { name: 'At store-1' }).getByText('In-transit in').waitFor();
      await expectFits(page, size);
      if (name === 'laptop') await screenshot(page, `transfer-${theme}`, 1_150);
    });
  });
});
