// Policy versions in a real browser: who, why, from when; what each says otherwise than another; what is planned.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../domain/channel/policy.ts';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectAsksForKey, expectFits, expectSurvivesOutage } from '../support/browser/expectations.ts';
import { inBrowser, press } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { type Product, startProduct } from '../support/product.ts';

describe.skipIf(!hasChromium)('the pages of policy', { timeout: 180_000 }, () => {
  const [key, reader, limited, tills] = [generateKey(), generateKey(), generateKey(), generateKey()];
  let product: Product;
  const { open, go } = inBrowser(key, async () => {
    const all = { locations: 'all', channels: 'all' } as const;
    product = await startProduct({
      clients: [
        { id: 'anna', key, scopes: ['admin'], ...all },
        { id: 'visitor', key: reader, scopes: ['policy:read'], ...all },
        { id: 'shop', key: limited, scopes: ['policy:read', 'policy:write'], locations: 'all', channels: ['webshop'] },
        { id: 'tills', key: tills, scopes: ['commands:write'], ...all },
      ],
    });
    await product.command({ type: 'receipt', sku: 'MUG', quantity: 20 });
    await product.command({ type: 'receipt', sku: 'TEE', quantity: 9 });
    await apply('autumn', 'more held back in the sale', (document) => channel(document, 'marketplace', { buffer: 5 }));
    await apply('winter', 'a shop in the old harbour', (document) => ({
      ...channel(document, 'marketplace', { buffer: 4, percentage: 90 }),
      locations: [...document.locations, { id: 'harbour', safetyStock: 2 }],
    }));
    await planned('Black Friday');
    return product;
  });
  const channel = (document: PolicyDocument, id: string, change: object) => ({
    ...document,
    channels: document.channels.map((one) => (one.id === id ? { ...one, ...change } : one)),
  });
  const apply = async (version: string, reason: string, change: (document: PolicyDocument) => object, more = {}) => {
    const { document } = (await product.get('/v1/policy')).body as unknown as { document: PolicyDocument };
    const { status, body } = await product.post('/v1/policy', {
      document: { ...change(document), version },
      reason,
      ...more,
    });
    expect(status, JSON.stringify(body)).toBe(200);
  };
  const planned = (version: string) =>
    apply(version, 'every unit for the shop', (document) => channel(document, 'marketplace', { buffer: 9 }), {
      effectiveFrom: '2099-11-27T00:00:00Z',
    });
  const table = (page: Page, name: string) => page.getByRole('region', { name });
  const change = (page: Page, path: string) =>
    table(page, 'What changes').getByRole('row').filter({ hasText: path }).getByRole('cell').allInnerTexts();
  const inForce = async () => (await product.get('/v1/policy')).body;

  it('lists the versions with author, reason and time, and what is planned, which is taken back with a reason', async () => {
    const page = await open('policy');
    const versions = table(page, 'Versions, newest first');
    const states = async () => {
      const rows = await versions.getByRole('row').allInnerTexts();
      return rows.slice(1).map((row) => row.split('\t').slice(0, 2).join(' '));
    };
    await versions.getByText('more held back in the sale').waitFor();
    expect(await states()).toEqual(['Black Friday ▲ planned', 'winter ● in force', 'autumn ○ past', 'test-1 ○ past']);
    await versions.getByText('policy-file').waitFor();
    await page.getByRole('button', { name: 'Take back … Black Friday' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await press(page, 'Take back');
    expect(await page.getByRole('dialog').isVisible(), 'why must be said').toBe(true);
    await page.getByLabel('Reason').fill('postponed');
    await page.keyboard.press('Enter');
    await versions.getByText('cancelled by anna: postponed').waitFor();
    expect(await page.getByRole('heading', { name: 'Planned' }).count()).toBe(0);
    await planned('Black Friday 2');
    await page.getByRole('heading', { name: 'Planned' }).waitFor();
  });

  it('tells what a version says otherwise than the one before it, and than any other', async () => {
    const page = await open('policy/winter');
    await page.getByText('3 changes since autumn').waitFor();
    expect(await change(page, 'marketplace].buffer')).toEqual(['~ changed', 'channels[marketplace].buffer', '5', '4']);
    expect(await change(page, 'harbour')).toEqual([
      '+ added',
      'locations[harbour]',
      '–',
      'id: harbour,\nsafetyStock: 2',
    ]);
    await page.getByLabel('Compared with').selectOption('test-1');
    await page.getByText('3 changes since test-1').waitFor();
    expect(await change(page, 'marketplace].buffer')).toEqual(['~ changed', 'channels[marketplace].buffer', '2', '4']);
    expect(page.url()).toMatch(/since=test-1/);
    await page.reload();
    await page.getByText('3 changes since test-1').waitFor();
    await go(page, 'policy/test-1');
    await page.getByText('It is the first version.').waitFor();
    await page.getByLabel('The policy document').getByText('"version": "test-1"').waitFor();
  });

  it('has an older version in force again: as a plan first, with a reason, and not over what somebody else changed', async () => {
    const page = await open('policy/autumn');
    await press(page, 'In force again …');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Version autumn after winter').waitFor();
    await dialog.getByText('1 available-to-sell figure becomes another').waitFor();
    await dialog.getByText(/marketplace: 1 \(0 lower, 1 higher\), such as\s+MUG 14 → 15/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await apply('spring', 'meanwhile', (document) => channel(document, 'marketplace', { buffer: 6 }));
    await dialog.getByLabel('Reason').fill('as it was');
    await press(page, 'Take it');
    await page.getByText(/The policy was left as it was.*plan it again/).waitFor();
    expect(await inForce()).toMatchObject({ version: 'spring' });
    await press(page, 'In force again …');
    await dialog.getByText('Version autumn after spring').waitFor();
    await dialog.getByLabel('Reason').fill('as it was');
    await press(page, 'Take it');
    await page.getByText('autumn is in force').waitFor();
    expect(await inForce()).toMatchObject({ version: 'autumn', author: 'anna', reason: 'as it was' });
    await page.getByRole('button', { name: 'In force again …' }).waitFor({ state: 'detached' });
  });

  it('says that a version is not there, what a key may not, and that the server is gone', async () => {
    const page = await open('policy/none', { key: reader });
    await page.getByText('There is no policy version none').first().waitFor();
    await go(page, 'policy/test-1');
    await page.getByText('It is the first version.').waitFor();
    expect(await page.getByRole('button', { name: 'In force again …' }).isDisabled()).toBe(true);
    await go(page, 'policy');
    await table(page, 'Versions, newest first').getByText('autumn').first().waitFor();
    await expectSurvivesOutage(page, async () => {
      expect(await table(page, 'Versions, newest first').isVisible(), 'what was known stays').toBe(true);
    });
    await expectAsksForKey(page);
    await page.getByLabel('API key').fill(limited);
    await page.keyboard.press('Enter');
    await page.getByText('not limited to some locations or channels').waitFor();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByLabel('API key').fill(tills);
    await page.keyboard.press('Enter');
    await page.getByText('needs a key with the scope policy:read').waitFor();
  });

  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      const page = await open('policy', { theme, size });
      await table(page, 'Versions, newest first').getByText('winter').waitFor();
      await expectFits(page, size);
      if (name === 'laptop' && theme === 'light') await screenshot(page, 'policy-light', 620);
      await go(page, 'policy/winter');
      await page.getByText('3 changes since autumn').waitFor();
      await expectFits(page, size);
      if (name === 'laptop') await screenshot(page, `policy-version-${theme}`, 900);
    });
  });
});
