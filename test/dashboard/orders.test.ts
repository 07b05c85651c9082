// Orders in a real browser: found, followed, told what happened; what was said stands in the log under the key of whoever
// said it, once, also when the answer is lost.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectAsksForKey, expectFits, expectSurvivesOutage } from '../support/browser/expectations.ts';
import { inBrowser, press } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { type Product, startProduct } from '../support/product.ts';

const HELD = 110;

describe.skipIf(!hasChromium)('the pages of orders', { timeout: 180_000 }, () => {
  const [key, reader, shopkeeper] = [generateKey(), generateKey(), generateKey()];
  let product: Product;
  const { open, go } = inBrowser(key, async () => {
    product = await startProduct({
      policy: {
        locations: [{ id: 'warehouse' }, { id: 'store-001' }, { id: 'store-002' }],
        channels: [
          { id: 'webshop', locations: ['warehouse', 'store-001', 'store-002'] },
          { id: 'marketplace', locations: ['warehouse'] },
        ],
      },
      clients: [
        { id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' },
        { id: 'visitor', key: reader, scopes: ['orders:read'], locations: 'all', channels: 'all' },
        {
          id: 'shop',
          key: shopkeeper,
          scopes: ['orders:read', 'orders:write'],
          locations: 'all',
          channels: ['webshop'],
        },
      ],
    });
    for (const [sku, location, quantity] of [
      ...([
        ['MUG', 'warehouse', 400],
        ['TEE', 'store-001', 3],
        ['TEE', 'store-002', 3],
        ['LAMP', 'warehouse', 2],
      ] as const),
    ]) {
      await product.command({ type: 'receipt', sku, location, quantity });
    }
    for (let n = 1; n <= HELD; n += 1) await place(`bulk-${n}`, { lines: [{ sku: 'MUG', quantity: 1 }] });
    return product;
  });
  const place = async (orderId: string, more: object) => {
    const { status, body } = await product.post('/v1/orders', {
      ...{ id: `place-${orderId}`, orderId, channel: 'webshop', kind: 'request', ...more },
    });
    expect(status, JSON.stringify(body)).toBe(200);
  };
  /** Held at two stores. */
  const placeAtStores = (orderId: string) => {
    const lines = [
      { sku: 'TEE', quantity: 2 },
      { sku: 'MUG', quantity: 5 },
    ];
    return place(orderId, { lines, flow: { type: 'ship' } });
  };
  const confirmed = (orderId: string) =>
    product.post(`/v1/orders/${orderId}/commands`, { id: `confirm-${orderId}`, type: 'confirm' });
  const orderOf = async (id: string) => (await product.get(`/v1/orders/${id}`)).body;
  const history = (page: Page) => page.getByRole('region', { name: 'What happened, newest first' });
  const row = (page: Page, table: string, name: string) =>
    page.getByRole('region', { name: table }).getByRole('row').filter({ hasText: name });

  it('lists those that are open in pages, by status and channel, all kept in the address', async () => {
    await place('market-0', { channel: 'marketplace', kind: 'commitment', lines: [{ sku: 'LAMP', quantity: 1 }] });
    const page = await open('orders');
    await page.getByRole('link', { name: 'bulk-1', exact: true }).waitFor();
    await page.getByText('100 orders, the oldest of more').waitFor();
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'market-0' }).waitFor();
    expect(await page.getByRole('link', { name: 'bulk-1', exact: true }).count()).toBe(0);
    await page.goBack();
    await page.getByRole('link', { name: 'bulk-1', exact: true }).waitFor();
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByLabel('Channel').selectOption('marketplace');
    await page.getByText('1 order', { exact: true }).waitFor();
    expect(page.url()).toMatch(/channel=marketplace/);
    expect(page.url(), 'another filter begins at the first page').not.toMatch(/cursor/);
    await page.getByLabel('Status').selectOption('held');
    await page.getByText('No open order is like that').waitFor();
    await page.reload();
    await page.getByText('No open order is like that').waitFor();
    await page.getByLabel('Order id').fill('bulk-7');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Orders / bulk-7' }).waitFor();
  });

  it('one is confirmed, fulfilled in parts, and taken back, by keyboard where one likes', async () => {
    await placeAtStores('web-1');
    const page = await open('orders/web-1');
    await page.getByRole('button', { name: 'Confirm …' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    expect((await orderOf('web-1'))['status']).toBe('held');
    await page.getByRole('button', { name: 'Confirm …' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Order web-1: confirmed').waitFor();
    await press(page, 'Fulfil …');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel(/^TEE from/).fill('99');
    await press(page, 'Fulfil');
    expect(await page.getByRole('dialog').isVisible(), 'there are not so many').toBe(true);
    await page.getByLabel(/^TEE from/).fill('0');
    await page.getByLabel(/^MUG from/).fill('2');
    await press(page, 'Fulfil');
    await page.getByText('partly fulfilled').first().waitFor();
    expect(await row(page, 'Units by SKU', 'MUG').getByRole('cell').allInnerTexts()).toEqual([
      'MUG',
      '5',
      '3',
      '0',
      '2',
      '0',
      '0',
    ]);
    await press(page, 'Return …');
    await page.getByLabel('MUG', { exact: false }).fill('1');
    await page.getByLabel('Its condition').selectOption('quarantine');
    await press(page, 'Return');
    await page.getByText('Order web-1: units came back').waitFor();
    await history(page).getByText('units returned').waitFor();
    expect(await history(page).getByText('anna').count()).toBeGreaterThan(2);
    expect(await orderOf('web-1')).toMatchObject({ returned: [{ sku: 'MUG', quantity: 1 }] });
    expect((await product.get('/v1/stock/MUG/warehouse')).body).toMatchObject({ quarantined: 1 });
  });

  it('one that is short is sourced again, and what is left is cancelled in part, then whole', async () => {
    await place('market-1', { channel: 'marketplace', kind: 'commitment', lines: [{ sku: 'LAMP', quantity: 4 }] });
    const page = await open('orders/market-1');
    await press(page, 'Source again …');
    await press(page, 'Source again');
    await page.getByText('Order market-1 was left as it was').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await product.command({ type: 'receipt', sku: 'LAMP', location: 'warehouse', quantity: 9 });
    await press(page, 'Source again …');
    await press(page, 'Source again');
    await page.getByText('Order market-1: sourced again').waitFor();
    await page.getByRole('button', { name: 'Source again …' }).waitFor({ state: 'detached' });
    await press(page, 'Cancel units …');
    await page.getByLabel(/^LAMP/).fill('0');
    await press(page, 'Cancel units');
    await page.getByText('Nothing was sent').waitFor();
    await press(page, 'Cancel units …');
    await page.getByLabel(/^LAMP/).fill('1');
    await press(page, 'Cancel units');
    await history(page).getByText('units cancelled').waitFor();
    expect(await orderOf('market-1')).toMatchObject({ status: 'confirmed', cancelled: [{ sku: 'LAMP', quantity: 1 }] });
    await press(page, 'Cancel units …');
    await press(page, 'Cancel units');
    await page.getByText('● confirmed').waitFor({ state: 'detached' });
    expect(await orderOf('market-1')).toMatchObject({ status: 'cancelled', owed: 0 });
    expect(await page.getByRole('group', { name: 'Actions' }).getByRole('button').count(), 'it is over').toBe(0);
  });

  it('a hold is renewed, no further than policy allows', async () => {
    const page = await open('orders/bulk-9');
    const before = (await orderOf('bulk-9'))['expiresAt'] as string;
    await press(page, 'Renew …');
    await page.getByLabel('Held until').fill('2099-01-01T00:00:00');
    await press(page, 'Renew');
    await page.getByText('the most policy allows').waitFor();
    await press(page, 'Renew …');
    const later = new Date(new Date(before).getTime() + 3_600_000);
    await page.getByLabel('Held until').fill(later.toISOString().slice(0, 19));
    await press(page, 'Renew');
    await history(page).getByText('hold renewed').waitFor();
    expect(new Date((await orderOf('bulk-9'))['expiresAt'] as string).getTime()).toBeGreaterThan(Date.parse(before));
  });

  it('what is told is taken once, also when its answer is lost', async () => {
    await placeAtStores('web-2');
    await confirmed('web-2');
    const page = await open('orders/web-2');
    let sent = 0;
    await page.route('**/web-2/commands', async (route) => {
      sent += 1;
      if (sent > 1) return route.continue();
      await route.fetch();
      return route.abort('connectionreset');
    });
    await press(page, 'Fulfil …');
    for (const tee of await page.getByLabel(/^TEE from/).all()) await tee.fill('0');
    await page.getByLabel(/^MUG from/).fill('1');
    await press(page, 'Fulfil');
    await page.getByText('Order web-2: units have left').waitFor();
    expect(sent).toBe(2);
    await row(page, 'Units reserved by location', 'MUG').getByRole('cell', { name: '1', exact: true }).waitFor();
    const { reservations } = (await orderOf('web-2')) as {
      reservations: readonly { sku: string; fulfilled: number }[];
    };
    expect(reservations.filter(({ sku }) => sku === 'MUG').map(({ fulfilled }) => fulfilled)).toEqual([1]);
  });

  it('says that an order is not there, what a key may not, and that the server is gone', async () => {
    const page = await open('orders/none', { key: reader });
    await page.getByText('There is no order none').waitFor();
    await go(page, 'orders/bulk-3');
    await page.getByText('This needs a key with the scope events:read').waitFor();
    expect(await page.getByRole('button', { name: 'Confirm …' }).isDisabled()).toBe(true);
    await expectSurvivesOutage(page, async () => {
      expect(await page.getByText('bulk-3').first().isVisible(), 'what was known stays').toBe(true);
    });
    await expectAsksForKey(page);
    await page.getByLabel('API key').fill(shopkeeper);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Orders / bulk-3' }).waitFor();
    await go(page, 'orders/market-0');
    await page.getByText(/limited to other channels|may not use/).waitFor();
  });

  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      const orderId = `seen-${theme}-${name}`;
      await place(orderId, {
        kind: 'commitment',
        lines: [
          { sku: 'TEE', quantity: 2 },
          { sku: 'MUG', quantity: 3 },
        ],
      });
      await product.post(`/v1/orders/${orderId}/commands`, {
        id: 'f',
        type: 'fulfil',
        units: [{ sku: 'MUG', quantity: 1 }],
      });
      const page = await open('orders', { theme, size });
      await page.getByRole('link', { name: 'bulk-1', exact: true }).waitFor();
      await expectFits(page, size);
      if (name === 'laptop' && theme === 'light') await screenshot(page, 'orders-light', 768);
      await go(page, `orders/${orderId}`);
      await history(page).getByText('placed', { exact: true }).waitFor();
      await expectFits(page, size);
      if (name === 'laptop') await screenshot(page, `order-${theme}`, 1_000);
    });
  });
});
