// Taking a channel live and back to shadow mode in a real browser: by a version of the policy, shown as a plan first, with
// author and reason; whoever may not is told what to run.
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, THEMES } from '../support/browser/chromium.ts';
import { inBrowser, press } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { type Product, startProduct } from '../support/product.ts';

describe.skipIf(!hasChromium)('a channel in shadow mode', { timeout: 180_000 }, () => {
  const [key, reader] = [generateKey(), generateKey()];
  let product: Product;
  const { open } = inBrowser(key, async () => {
    product = await startProduct({
      marketplace: { mode: 'shadow' },
      clients: [
        { id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' },
        {
          id: 'visitor',
          key: reader,
          scopes: ['availability:read', 'reconciliation:read'],
          locations: 'all',
          channels: 'all',
        },
      ],
    });
    await product.command({ type: 'receipt', sku: 'MUG', quantity: 20 });
    return product;
  });
  const inForce = async () => (await product.get('/v1/policy')).body;

  it('whoever may not take it live is told why, and what to run', async () => {
    const page = await open('channels/marketplace', { key: reader });
    await page.getByText('evenstock policy plan next.json').waitFor();
    await page.getByText(/scope policy:read and policy:write to take it live here/).waitFor();
    expect(await page.getByRole('button', { name: 'Go live …' }).isDisabled()).toBe(true);
  });

  it.each(THEMES)('shows what it lacks and what changes before anything does (%s)', async (theme) => {
    const page = await open('channels/marketplace', { theme });
    await press(page, 'Go live …');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It is not ready:').waitFor();
    await dialog.getByText('channels[marketplace].mode').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, `go-live-${theme}`, 768);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await inForce())['version']).toBe('test-1');
    expect(product.marketplace.statistics.calls).toBe(0);
  });

  it('goes live with a reason, is told its figures, and goes back to shadow, by keyboard', async () => {
    const page = await open('channels/marketplace');
    await page.getByRole('button', { name: 'Go live …' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await press(page, 'Go live');
    expect(await page.getByRole('dialog').isVisible(), 'why must be said').toBe(true);
    await page.getByLabel('Reason').fill('compared for a week');
    await page.keyboard.press('Enter');
    await page.getByText(/marketplace live is in force/).waitFor();
    await product.shows('MUG', 18);
    expect(await inForce()).toMatchObject({ author: 'anna', reason: 'compared for a week' });
    await page.getByRole('button', { name: 'To shadow …' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('It is told nothing more').waitFor();
    await page.getByLabel('Reason').fill('it shows too many');
    await page.keyboard.press('Enter');
    await page.getByText(/marketplace shadow is in force/).waitFor();
    await page.getByRole('button', { name: 'Go live …' }).waitFor();
    const calls = product.marketplace.statistics.calls;
    await product.command({ type: 'sale', sku: 'MUG', quantity: 3 });
    await expect
      .poll(async () => (await product.get('/v1/availability/marketplace/MUG')).body['units'], { timeout: 20_000 })
      .toBe(15);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(product.marketplace.statistics.calls, 'it is told nothing').toBe(calls);
  });
});
