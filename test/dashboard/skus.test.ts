// SKUs in a real browser: found by how they begin, every figure with what it was made from, now and at earlier times.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import {
  accessibilityFaults,
  hasChromium,
  type Opening,
  openChromium,
  openPage,
  SIZES,
  THEMES,
} from '../support/browser/chromium.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { type Product, startProduct } from '../support/product.ts';

describe.skipIf(!hasChromium)('the page of SKUs', { timeout: 120_000 }, () => {
  const key = generateKey();
  let product: Product;
  let browser: Browser;
  let between: string;
  beforeAll(async () => {
    product = await startProduct({
      clients: [{ id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' }],
    });
    await product.command({ type: 'receipt', sku: 'MUG-RED', quantity: 20 });
    await product.command({ type: 'receipt', sku: 'LAMP', quantity: 3 });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    between = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await product.command({ type: 'sale', sku: 'MUG-RED', quantity: 6 });
    browser = await openChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });
  const open = (path: string, opening: Opening = {}) =>
    openPage(browser, `${product.evenstock.url}/#/${path}`, { key, ...opening });

  it('finds SKUs by how they begin, and opens one with what each channel may sell and why', async () => {
    const { page, faults, close } = await open('skus');
    await page.getByRole('link', { name: 'LAMP' }).waitFor();
    await page.getByLabel('Begins with').fill('MUG');
    await page.getByRole('link', { name: 'LAMP' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'MUG-RED' }).click();
    const webshop = page.getByRole('region', { name: /^webshop/ });
    await webshop.getByText('ATS 14').waitFor();
    await page
      .getByRole('region', { name: /^marketplace/ })
      .getByText('pool 14 − buffer 2')
      .waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it('shows it as of an earlier time, and now again', async () => {
    const { page, faults, close } = await open(`skus/MUG-RED?knownAt=${between}`);
    await page.getByText('ATS 20').waitFor();
    await page.getByRole('button', { name: 'Now' }).click();
    await page.getByText('ATS 14').waitFor();
    await page.getByLabel('Was known by').fill('2099-01-01T00:00:00');
    await page.getByText('lies in the future').first().waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it('says that nothing is known of a SKU', async () => {
    const { page, faults, close } = await open('skus/NOTHING');
    await page
      .getByRole('alert')
      .getByText(/NOTHING/)
      .first()
      .waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      const { page, faults, close } = await open('skus/MUG-RED', { theme, size });
      await page.getByText('ATS 14').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size.width);
      if (name === 'laptop' && theme === 'light') await screenshot(page, 'sku-light', 768);
      expect(faults).toEqual([]);
      await close();
    });
  });
});
