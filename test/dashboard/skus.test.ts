// SKUs in a real browser: found by how they begin, every figure with what it was made from, now and at earlier times.
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectFits } from '../support/browser/expectations.ts';
import { inBrowser } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { faultProxy } from '../support/fault-proxy.ts';
import { type Product, startProduct } from '../support/product.ts';

const HOLD = {
  ...{ reservationId: 'r-1', owner: 'o-1', channel: 'marketplace' },
  expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
};

/** What happens to a SKU, in its order. */
const SOFA = [
  { type: 'receipt', quantity: 10 },
  { type: 'receipt', quantity: 6, location: 'store-1' },
  { type: 'reservation.make', quantity: 3, ...HOLD },
  { type: 'count', counted: 5, location: 'store-1' },
  { type: 'sale', quantity: 8, location: 'store-1' },
];

describe.skipIf(!hasChromium)('the page of SKUs', { timeout: 120_000 }, () => {
  const key = generateKey();
  const visitor = generateKey();
  let product: Product;
  let between: string;
  const { open, openAt } = inBrowser(key, async () => {
    const limits = { locations: 'all', channels: 'all' } as const;
    product = await startProduct({
      clients: [
        { id: 'anna', key, scopes: ['admin'], ...limits },
        { id: 'visitor', key: visitor, scopes: ['stock:read', 'availability:read'], ...limits },
      ],
      policy: { bundles: [{ sku: 'SET', components: [{ sku: 'LAMP', quantity: 2 }] }] },
      marketplace: {
        quotas: [{ sku: 'SOFA', location: 'warehouse', units: 4 }],
        lagPriced: { targetOversellProbability: 0.01, unitsMin: 1, unitsMax: 9 },
      },
    });
    await product.command({ type: 'receipt', sku: 'MUG-RED', quantity: 20 });
    await product.command({ type: 'receipt', sku: 'LAMP', quantity: 3 });
    for (const fields of SOFA) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await product.command({ sku: 'SOFA', ...fields });
    }
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    between = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await product.command({ type: 'sale', sku: 'MUG-RED', quantity: 6 });
    return product;
  });

  // First: what the pictures show is young then.
  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      const page = await open('skus/SOFA', { theme, size });
      await page.getByText('ATS 6', { exact: true }).first().waitFor();
      await page.locator('.chart canvas').waitFor();
      await expectFits(page, size);
      if (name === 'laptop') await screenshot(page, `sku-${theme}`, 1_400);
    });
  });

  it('finds SKUs by how they begin, and opens one with what each channel may sell and why', async () => {
    const page = await open('skus');
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
  });

  it('shows it as of an earlier time, and now again', async () => {
    const page = await open(`skus/MUG-RED?knownAt=${between}`);
    await page.getByText('ATS 20').waitFor();
    await page.getByRole('button', { name: 'Now', exact: true }).click();
    await page.getByText('ATS 14').waitFor();
    await page.getByLabel('Was known by').fill('2099-01-01T00:00:00');
    await page.getByText('lies in the future').first().waitFor();
  });

  it('says that nothing is known of a SKU, with ways on, and shows it as soon as something is', async () => {
    const page = await open('skus/MUG-GOLD');
    await page.getByRole('alert').getByText('Nothing is known of SKU MUG-GOLD').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'SKUs that begin with MUG-' }).click();
    await page.getByRole('link', { name: 'MUG-RED' }).waitFor();
    await page.goBack();
    await page.getByText('● live', { exact: true }).waitFor();
    await product.command({ type: 'receipt', sku: 'MUG-GOLD', quantity: 7 });
    await page
      .getByRole('region', { name: /^webshop/ })
      .getByText('ATS 7')
      .waitFor();
  });

  it('shows its stock by location with what each adds, quotas and the lag-priced buffer', async () => {
    const page = await open('skus/SOFA');
    const stock = page.getByRole('region', { name: 'Stock by location' });
    const store = stock.getByRole('row', { name: /store-1/ });
    await store.getByText('3 oversold').waitFor();
    const cells = await stock
      .getByRole('row', { name: /warehouse/ })
      .getByRole('cell')
      .allTextContents();
    // On-hand, reserved, quarantined, in, out, available, to the marketplace, to the webshop without what is left of the quota.
    expect(cells.slice(1).map(Number)).toEqual([10, 3, 0, 0, 0, 7, 7, 6]);
    await page.getByText('marketplace 4 at warehouse, 3 used').first().waitFor();
    await page
      .getByRole('region', { name: /^marketplace/ })
      .getByText(/Lag price \d/)
      .waitFor();
  });

  it('shows by keyboard alone how its figure came to be, event by event, nearer and farther', async () => {
    const page = await open('skus/SOFA');
    const slider = page.getByRole('slider', { name: 'Event that is looked at' });
    const said = () => slider.getAttribute('aria-valuetext');
    await slider.focus();
    expect(await said()).toContain('sold 8 at store-1; on-hand 7, reserved 3, ATS 6');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(said).toContain('counted 5 at store-1; on-hand 15, reserved 3, ATS 10');
    await page.keyboard.press('Home');
    await expect.poll(said).toContain('received 10 at warehouse; on-hand 10, reserved 0, ATS 6');
    await page.keyboard.press('+');
    await page.getByText(/^Shown: /).waitFor({ state: 'attached' });
    await page.keyboard.press('0');
    await page.getByText(/^Shown: /).waitFor({ state: 'detached' });
    const table = page.getByRole('region', { name: 'Events of the timeline' });
    expect(await table.getByRole('row').count()).toBe(1 + 5);
    await table.getByRole('button').nth(2).focus();
    await page.keyboard.press('Enter');
    await expect.poll(said).toContain('reserved 3 at warehouse');
    await page.getByRole('combobox', { name: /^Location/ }).selectOption('store-1');
    await expect.poll(said).toContain('sold 8 at store-1; on-hand -3, reserved 0, ATS 0');
    expect(page.url()).toContain('location=store-1');
  });

  it('by pointer a part of the time is drawn over, an event is clicked, and all is shown as it was known then', async () => {
    const page = await open('skus/SOFA');
    const chart = page.locator('.chart .u-over');
    const slider = page.getByRole('slider', { name: 'Event that is looked at' });
    const looked = page.locator('.looked');
    await chart.waitFor();
    await slider.press('Home');
    await looked.getByText('received 10').waitFor();
    const { x, y, width } = (await chart.boundingBox())!;
    await page.mouse.click(x + width - 3, y + 30);
    await looked.getByText('sold 8').waitFor();
    await page.mouse.move(x + width / 2, y + 20);
    await page.mouse.down();
    await page.mouse.move(x + width - 20, y + 40, { steps: 5 });
    await page.mouse.up();
    await page.getByText(/^Shown: /).waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByText(/^Shown: /).waitFor({ state: 'detached' });
    await slider.press('Home');
    await looked.getByText('received 10').waitFor();
    await looked.getByRole('button', { name: 'Everything as it was known then' }).click();
    await page
      .getByRole('region', { name: /^webshop/ })
      .getByText('ATS 6')
      .waitFor();
    await page.getByText('pool 6 −').waitFor();
    expect(page.url()).toContain('knownAt=');
  });

  // Seen failing: with events that nobody listens to.
  it('follows what happens, says when the connection breaks, and recovers', async () => {
    const { hostname, port } = new URL(product.evenstock.url);
    const proxy = await faultProxy({ host: hostname, port: Number(port) });
    const page = await openAt(`${proxy.url}/#/skus/LAMP`);
    const webshop = page.getByRole('region', { name: /^webshop/ });
    await webshop.getByText('ATS 3').waitFor();
    await page.getByText('● live', { exact: true }).waitFor();
    await product.command({ type: 'receipt', sku: 'LAMP', quantity: 2 });
    await webshop.getByText('ATS 5').waitFor();
    const slider = page.getByRole('slider', { name: 'Event that is looked at' });
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain('received 2 at warehouse; on-hand 5');
    await proxy.down();
    await page.getByText('not live').waitFor();
    await page.getByText('What is shown is from before').first().waitFor();
    expect(await webshop.getByText('ATS 5').isVisible()).toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await product.command({ type: 'receipt', sku: 'LAMP', quantity: 1 });
    await proxy.up();
    // Or it was quicker by itself.
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 2_000 })
      .catch(() => {});
    await webshop.getByText('ATS 6').waitFor();
    await page.getByText('What is shown is from before').waitFor({ state: 'detached' });
    await proxy.close();
  });

  it('a bundle says what it is made of; a key without events asks now and then', async () => {
    const page = await open('skus/SET', { key: visitor });
    await page.getByText('A bundle: it holds no stock of its own').waitFor();
    expect(await page.getByText('live', { exact: false }).count(), 'this key may not follow events').toBe(0);
    await page
      .getByRole('region', { name: /^webshop/ })
      .getByRole('link', { name: 'LAMP' })
      .click();
    await page.getByRole('slider', { name: 'Event that is looked at' }).waitFor();
    expect(await page.getByRole('link', { name: /case/ }).count()).toBe(0);
  });
});
