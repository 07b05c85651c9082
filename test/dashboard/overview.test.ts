// The overview and the channels in a real browser, over a retailer in the middle of a day: what is behind, what fails, and
// what people do about it.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectFits } from '../support/browser/expectations.ts';
import { inBrowser } from '../support/browser/in-browser.ts';
import { openRetailer, type Retailer } from '../support/browser/retailer.ts';
import { screenshot, takesScreenshots } from '../support/browser/screenshots.ts';
import { faultProxy } from '../support/fault-proxy.ts';

/** Of the pictures, px: each page as whole as it may be. */
const HEIGHTS = { overview: 1_180, channels: 480, channel: 1_080, events: 768 } as const;
/** Pictures are of a while of trade; what is tested is there after seconds. */
const SECONDS_OF_TRADE = takesScreenshots ? 90 : 8;

describe.skipIf(!hasChromium)('over a retailer', { timeout: 180_000 }, () => {
  const key = generateKey();
  let retailer: Retailer;
  const { open, openAt, go } = inBrowser(key, async () => {
    retailer = await openRetailer(key);
    for (let second = 0; second < SECONDS_OF_TRADE; second += 1) {
      await retailer.trade(Math.round(45 + 30 * Math.sin(second / 6)));
      await new Promise((resolve) => setTimeout(resolve, 900));
    }
    await retailer.product.post('/v1/reconciliations?wait=20', { channel: 'alto' });
    return { evenstock: retailer.product.evenstock, close: retailer.close };
  });
  const region = (page: Page, name: string) => page.getByRole('region', { name });
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name }).first();

  describe('the overview', () => {
    it('shows each channel with its state, lag, backlog and what failed, and what is oversold', async () => {
      const page = await open('overview');
      await page.getByText('● live', { exact: true }).waitFor();
      await row(page, 'outlet').getByText('not answering').waitFor();
      await row(page, 'pilot').getByText('shadow').waitFor();
      await row(page, 'bazaar').getByText('of 20 s').waitFor();
      await page.getByText('SKU-locations,').waitFor();
      const cases = page.locator('.card').filter({ has: page.getByRole('heading', { name: 'Open cases' }) });
      await cases.last().getByText('shortfall').waitFor();
      await page.getByText(/all \d+ equal|of \d+ differ/).waitFor();
      await row(page, 'books').waitFor();
      await page.locator('.chart canvas').waitFor();
    });

    it('leads to the cases behind a figure, filtered', async () => {
      const page = await open('overview');
      await page.getByRole('link', { name: 'shortfall' }).click();
      await region(page, 'Exception cases').getByText('shortfall').first().waitFor();
      expect(await page.getByLabel('Kind').inputValue()).toBe('shortfall');
      await page.goBack();
      await page.getByRole('link', { name: 'Oversold' }).click();
      await page.getByRole('heading', { name: 'Cases', exact: true }).waitFor();
      expect(page.url()).toContain('kind=shortfall');
    });

    it('moves by itself', async () => {
      const page = await open('overview');
      const taken = page.getByText('taken since the start');
      await taken.waitFor();
      const before = await taken.textContent();
      await retailer.trade(30);
      await expect.poll(() => taken.textContent(), { timeout: 30_000 }).not.toBe(before);
    });

    it('says that it is not live when the stream breaks, tries again, and is live again', async () => {
      const { hostname, port } = new URL(retailer.product.evenstock.url);
      const proxy = await faultProxy({ host: hostname, port: Number(port) });
      const page = await openAt(`${proxy.url}/#/overview`);
      await page.getByText('● live', { exact: true }).waitFor();
      await proxy.down();
      await page.getByText('not live').waitFor();
      await page.getByText('What is shown is from before').waitFor();
      expect(await row(page, 'bazaar').isVisible()).toBe(true);
      expect(await accessibilityFaults(page)).toEqual([]);
      await proxy.up();
      // Or it was quicker by itself.
      await page
        .getByRole('button', { name: 'Try now' })
        .click({ timeout: 2_000 })
        .catch(() => {});
      await page.getByText('● live', { exact: true }).waitFor();
      await proxy.close();
    });
  });

  describe('a channel', () => {
    it('shows what it was told and why it is down', async () => {
      const page = await open('channels');
      await page.getByRole('link', { name: 'outlet' }).click();
      await page.getByText('HTTP 503').first().waitFor();
      await page.getByRole('heading', { name: 'Backlog by priority' }).waitFor();
      await region(page, 'What the channel was told last').getByText('unknown').first().waitFor();
    });

    it('is paused with a reason and resumed, by whoever holds the key', async () => {
      const page = await open('channels/alto');
      await page.getByRole('button', { name: 'Pause …' }).click();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      expect(await page.getByRole('dialog').isVisible(), 'a reason is required').toBe(true);
      await page.getByLabel('Reason').fill('the warehouse moves');
      await page.keyboard.press('Enter');
      await page.getByText('alto is paused').waitFor();
      await page.getByText(/^Paused by/).waitFor();
      const { body } = await retailer.product.get('/v1/channels/alto/publishing?limit=5');
      expect(body['publishing']).toMatchObject({ paused: { by: 'anna', reason: 'the warehouse moves' } });
      await page.getByRole('button', { name: 'Resume …' }).click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Resume …' }).click();
      await page.getByRole('button', { name: 'Resume', exact: true }).click();
      await page.getByText('alto is told again').waitFor();
    });

    it('shows the values it refuses, and tells one again', async () => {
      const page = await open('channels/bazaar');
      const refused = region(page, 'Values that the channel refuses');
      await refused.getByRole('row').nth(1).waitFor({ timeout: 90_000 });
      await refused.getByRole('button', { name: 'Tell again' }).first().click();
      await page.getByRole('button', { name: 'Tell again', exact: true }).click();
      await page.getByText('is told 1 SKU again').waitFor();
    });

    it('in shadow mode shows what it lacks to go live; one that reads the API says so; one that is not there too', async () => {
      const page = await open('channels/pilot');
      await page.getByText('it was never compared').waitFor();
      await go(page, 'channels/webshop');
      await page.getByText('Nothing is published to it').waitFor();
      await go(page, 'channels/nowhere');
      await page.getByText('The policy has no channel nowhere').first().waitFor();
    });
  });

  it('the events come in as they happen, are filtered, held and opened', async () => {
    const page = await open('events');
    await page.getByText('● live', { exact: true }).waitFor();
    await retailer.trade(40);
    const table = region(page, 'Events, newest first');
    await table.getByText('UnitsSold').first().waitFor();
    await page.getByLabel('Filter').fill('received');
    await expect.poll(() => table.getByText('UnitsSold').count()).toBe(0);
    expect(page.url()).toContain('filter=received');
    await page.getByRole('button', { name: 'Hold' }).click();
    const held = await table.getByRole('row').count();
    await retailer.trade(40);
    await page.getByRole('button', { name: /Go on \([1-9]/ }).waitFor();
    expect(await table.getByRole('row').count()).toBe(held);
    await table.getByRole('button').first().click();
    await page.getByLabel('Data and metadata').getByText('"commandId"').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: /Go on/ }).click();
    await page.getByRole('button', { name: 'Hold' }).waitFor();
    await table
      .getByRole('link', { name: /^stock-/ })
      .first()
      .click();
    await page.getByRole('heading', { name: /^SKUs \/ / }).waitFor();
    await page.getByRole('slider', { name: 'Event that is looked at' }).waitFor();
  });

  const PAGES = [
    ['overview', 'overview', '.chart canvas'],
    ['channels', 'channels', 'tbody tr'],
    ['channel', 'channels/bazaar', 'tbody tr'],
    ['events', 'events', 'tbody tr'],
  ] as const;
  describe.each(THEMES)('%s', (theme) => {
    it.each(
      PAGES.flatMap((page) => Object.keys(SIZES).map((size) => [page[0], size as keyof typeof SIZES, page] as const)),
    )('%s is accessible and not wider than a %s', async (name, size, [, path, there]) => {
      const page = await open(path, { theme, size: SIZES[size] });
      await page.getByRole('heading', { level: 1 }).waitFor();
      // Both are opened by now: the events are those that come from here on.
      if (name === 'events') await page.getByText('● live', { exact: true }).waitFor();
      await retailer.trade(20);
      await page.locator(there).first().waitFor();
      await expectFits(page, SIZES[size]);
      if (size === 'laptop' && (theme === 'light' || name === 'overview'))
        await screenshot(page, `${name}-${theme}`, HEIGHTS[name]);
    });
  });
});
