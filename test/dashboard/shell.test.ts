// The dashboard's shell in a real browser: it loads, asks for a key, finds its way, and stays usable for everybody.
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectAsksForKey, expectFits, expectSurvivesOutage } from '../support/browser/expectations.ts';
import { inBrowser } from '../support/browser/in-browser.ts';
import { startProduct } from '../support/product.ts';

describe.skipIf(!hasChromium)('the dashboard', { timeout: 120_000 }, () => {
  const key = generateKey();
  const narrow = generateKey();
  const { open, go } = inBrowser(undefined, () =>
    startProduct({
      clients: [
        { id: 'ops', key, scopes: ['admin'], locations: 'all', channels: 'all' },
        { id: 'tills', key: narrow, scopes: ['commands:write'], locations: 'all', channels: 'all' },
      ],
    }),
  );

  it('asks for a key, says when it is wrong, and keeps it in this tab alone', async () => {
    const page = await open('');
    await page.getByLabel('API key').fill(generateKey());
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').getByText('does not know this key').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('API key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate('JSON.stringify(localStorage)')).toBe('{}');
    await page.reload();
    await page.getByText('ops', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}');
  });

  it('asks for another key when the one it has is no longer taken, and comes back to where it was', async () => {
    const page = await open('channels', { key });
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
    await expectAsksForKey(page);
    await page.getByLabel('API key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
  });

  it('says which scope a key lacks, and that a page does not exist', async () => {
    const page = await open('channels', { key: narrow });
    await page.getByText('needs a key with the scope availability:read').waitFor();
    await go(page, 'nothing/here');
    await page.getByText('There is no such page').waitFor();
  });

  it('is used by keyboard: the first step skips to the content', async () => {
    const page = await open('channels', { key });
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    expect(await page.evaluate('location.hash')).toBe('#/channels');
  });

  it('is light or dark as the system says, or as somebody chose', async () => {
    const page = await open('channels', { key, theme: 'dark' });
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    await page.getByRole('button', { name: 'Show it light' }).click();
    expect(await theme()).toBe('light');
    await page.reload();
    await page.getByRole('button', { name: 'Show it dark' }).waitFor();
    expect(await theme()).toBe('light');
  });

  it('says when the server is gone, keeps what it showed, and goes on when it is back', async () => {
    const page = await open('channels', { key });
    await page.getByRole('link', { name: 'marketplace' }).waitFor();
    await expectSurvivesOutage(page, async () => {
      expect(await page.getByRole('link', { name: 'marketplace' }).isVisible()).toBe(true);
    });
  });

  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and never wider than a %s', async (_, size) => {
      const page = await open('channels', { key, theme, size });
      await page.getByRole('link', { name: 'marketplace' }).waitFor();
      await expectFits(page, size);
    });
  });
});
