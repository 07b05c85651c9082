// Runs of reconciliation in a real browser: started there, read by class, page by page, kept as a file; what failed says why.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectAsksForKey, expectFits, expectSurvivesOutage } from '../support/browser/expectations.ts';
import { inBrowser, press } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { ledgerErp } from '../support/ledger-erp.ts';
import { type Product, startProduct } from '../support/product.ts';
import { longAgo, reconciling } from '../support/reconciling.ts';

const DRIFTS = 6;

describe.skipIf(!hasChromium)('the pages of reconciliation', { timeout: 180_000 }, () => {
  const [key, reader, tills] = [generateKey(), generateKey(), generateKey()];
  let product: Product;
  const { receive, compare, upload, report } = reconciling(() => product);
  const { open, go } = inBrowser(key, async () => {
    product = await startProduct({
      policy: {
        erps: [{ id: 'books', type: 'ledger', url: 'http://erp.example', secretEnv: 'MARKETPLACE_SECRET', reads: [] }],
        reconciliation: {
          settleMinutes: 0,
          correctionsMax: 50,
          schedules: [{ channel: 'marketplace', everyMinutes: 600 }],
        },
      },
      erpVendors: [{ type: 'ledger', misfits: () => [], connect: () => ledgerErp() }],
      clients: [
        { id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' },
        { id: 'visitor', key: reader, scopes: ['reconciliation:read'], locations: 'all', channels: ['marketplace'] },
        { id: 'tills', key: tills, scopes: ['stock:read'], locations: 'all', channels: 'all' },
      ],
    });
    for (let n = 1; n <= 9; n += 1) await receive(`MUG-${n}`, 10 + n);
    await product.shows('MUG-9', 17);
    return product;
  });
  const table = (page: Page, name: string) => page.getByRole('region', { name });
  const drift = () => {
    for (let n = 1; n <= DRIFTS; n += 1)
      product.marketplace.listings.drift(`MUG-${n}`, n % 2 === 0 ? n : -1, longAgo());
  };
  const putRight = async () => {
    for (let n = 1; n <= DRIFTS; n += 1) await product.shows(`MUG-${n}`, 8 + n);
  };
  const idIn = (page: Page) => decodeURIComponent(page.url().split('/').at(-1)!);

  it('a run is started there, only reports when asked to, and then corrects and finds nothing to do', async () => {
    drift();
    const page = await open('reconciliations');
    await table(page, 'What is compared by schedule').getByText('10 h').waitFor();
    await page.getByRole('button', { name: 'Compare now …' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Compare with').selectOption('channel marketplace');
    await page.getByLabel('Correct by policy').uncheck();
    expect(await accessibilityFaults(page)).toEqual([]);
    await press(page, 'Compare');
    await page.getByText('6 of 9 differ').waitFor();
    expect((await report(idIn(page))).corrected).toMatchObject({ republish: 0 });
    expect(
      await table(page, 'Differences by class')
        .getByRole('row')
        .filter({ hasText: 'drift' })
        .getByRole('cell')
        .allInnerTexts(),
    ).toEqual(['drift', 'nothing explains it', '6', '15', '–']);
    const first = table(page, 'Differences one by one').getByRole('row').filter({ hasText: 'MUG-2' });
    expect((await first.getByRole('cell').allInnerTexts()).slice(0, 5)).toEqual(['MUG-2', '■ drift', '12', '10', '+2']);
    await first.getByText('nothing', { exact: true }).waitFor();

    await press(page, 'Compare again …');
    await press(page, 'Compare');
    await first.getByText('republish: done').waitFor();
    await page.getByText('6 told again').waitFor();
    await putRight();
    await press(page, 'Compare again …');
    await press(page, 'Compare');
    await page.getByText('all 9 equal').waitFor();
    await page.getByText('Every SKU is as it should be').waitFor();
    await go(page, 'reconciliations');
    await table(page, 'Runs, newest first').getByText('anna').nth(2).waitFor();
  });

  it('differences are looked at by class, kept in the address, and all are kept as a file', async () => {
    drift();
    product.marketplace.listings.drift('MUG-7', 2, longAgo());
    await upload(
      'channel=marketplace&complete=true&correct=false&id=mixed',
      'sku,units,unitPrice\nMUG-7,17,250\nMUG-8,16,100\nMUG-9,17,100\nMYSTERY,4,1999\nbroken\n',
    );
    const page = await open('reconciliations/mixed');
    const differences = table(page, 'Differences one by one');
    await differences.getByText('MYSTERY').waitFor();
    const all = await differences.getByRole('row').count();
    await page.getByRole('link', { name: 'unknown-sku' }).click();
    await page.getByRole('link', { name: 'unknown-sku only: show all' }).waitFor();
    await expect.poll(() => differences.getByRole('row').count()).toBe(2);
    expect(page.url()).toMatch(/class=unknown-sku/);
    await differences.getByText('79.96').waitFor();
    await table(page, 'Lines that are not compared').getByRole('row').nth(1).waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), press(page, 'All differences as CSV')]);
    expect(file.suggestedFilename()).toBe('reconciliation-mixed.csv');
    const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^sku,class,reported,expected/);
    expect(lines).toHaveLength(all);
    product.marketplace.listings.drift('MUG-7', -2, longAgo());
    await compare();
    await putRight();
  });

  it('more differences than a page holds are paged, by links that can be sent on', async () => {
    const shown = Array.from({ length: 620 }, (_, n) => `GONE-${String(n).padStart(3, '0')},${n + 1}`);
    await upload('channel=marketplace&correct=false&id=large', `sku,units\n${shown.join('\n')}\n`);
    const page = await open('reconciliations/large');
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByText('GONE-500').waitFor();
    await page.getByText('This is the last page').waitFor();
    expect(page.url()).toMatch(/reconciliations\/large\?cursor=500$/);
    await page.getByRole('link', { name: 'First page' }).click();
    await page.getByText('GONE-000').waitFor();
  });

  it('filters by what was compared; a run that failed says why', async () => {
    await upload('system=wms&location=store-1&id=shelf', 'sku,units\nMUG-1,0\n');
    const page = await open('reconciliations');
    await page.getByRole('button', { name: 'Compare now …' }).first().click();
    await page.getByLabel('Compare with').selectOption('system books');
    await press(page, 'Compare');
    await page.getByText('Nothing was compared').waitFor();
    await page.getByRole('button', { name: 'Compare now …' }).first().click();
    await page.getByLabel('Compare with').selectOption('system books');
    await page.getByRole('dialog').getByRole('textbox', { name: 'Location' }).fill('warehouse');
    await press(page, 'Compare');
    await page.getByText('It failed.').waitFor();
    await page.getByText('no statements').first().waitFor();
    await go(page, 'reconciliations');
    await page.getByLabel('ERP or other system').fill('wms');
    await page.keyboard.press('Enter');
    await page.getByText('1 run', { exact: true }).waitFor();
    await page.getByLabel('Location').fill('nowhere');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing like that was compared').waitFor();
  });

  it('says that a run is not there, what a key may not, and that the server is gone', async () => {
    const page = await open('reconciliations/none', { key: reader });
    await page.getByText('There is no reconciliation none').waitFor();
    await go(page, 'reconciliations/mixed');
    await page.getByText('MYSTERY').waitFor();
    expect(await page.getByRole('button', { name: 'Compare again …' }).isDisabled()).toBe(true);
    await go(page, 'reconciliations');
    await page.getByText(/\d+ runs/).waitFor();
    await expectSurvivesOutage(page);
    await expectAsksForKey(page);
    await page.getByLabel('API key').fill(tills);
    await page.keyboard.press('Enter');
    await page.getByText('needs a key with the scope reconciliation:read').waitFor();
  });

  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      drift();
      const { id } = await compare();
      await putRight();
      const page = await open('reconciliations', { theme, size });
      await page.getByRole('link', { name: id }).waitFor();
      await expectFits(page, size);
      if (name === 'laptop' && theme === 'light') await screenshot(page, 'reconciliations-light', 768);
      await go(page, `reconciliations/${id}`);
      await table(page, 'Differences one by one').getByText('MUG-6').waitFor();
      await expectFits(page, size);
      if (name === 'laptop') await screenshot(page, `reconciliation-${theme}`, 860);
    });
  });
});
