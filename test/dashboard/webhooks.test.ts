// Webhooks in a real browser: how telling each goes, what it refuses, and what people do about it; what they did stands in the
// webhook's stream with who and why.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, SIZES, THEMES } from '../support/browser/chromium.ts';
import { expectAsksForKey, expectFits, expectSurvivesOutage } from '../support/browser/expectations.ts';
import { inBrowser, press } from '../support/browser/in-browser.ts';
import { screenshot } from '../support/browser/screenshots.ts';
import { type Product, startProduct } from '../support/product.ts';
import { openReceiver, type Receiver, WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

describe.skipIf(!hasChromium)('the pages of webhooks', { timeout: 180_000 }, () => {
  const [key, reader, limited] = [generateKey(), generateKey(), generateKey()];
  const receivers: Partial<Record<'crm' | 'search' | 'mail', Receiver>> = {};
  let product: Product;
  beforeAll(async () => {
    for (const id of ['crm', 'search', 'mail'] as const) receivers[id] = await openReceiver();
  });
  afterAll(async () => {
    for (const receiver of Object.values(receivers)) await receiver.close();
  });
  const receiver = (id: keyof typeof receivers) => receivers[id]!;
  const policyOf = (id: keyof typeof receivers, more = {}) => ({
    ...{ id, url: receiver(id).url, secretEnv: 'OUT_SECRET', ...more },
  });
  const { open, go } = inBrowser(key, async () => {
    product = await startProduct({
      env: { OUT_SECRET: WEBHOOK_SECRET, WEBHOOK_HOSTS: '127.0.0.1', CASE_PATIENCE_MS: '400' },
      policy: {
        webhooks: [
          policyOf('crm', { kinds: ['stock', 'orders'] }),
          policyOf('search', { kinds: ['stock'] }),
          policyOf('mail', { kinds: ['stock'], types: ['UnitsSold'] }),
        ],
      },
      clients: [
        { id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' },
        { id: 'visitor', key: reader, scopes: ['webhooks:read'], locations: 'all', channels: 'all' },
        { id: 'shop', key: limited, scopes: ['webhooks:read'], locations: 'all', channels: ['webshop'] },
      ],
    });
    await eventually(async () => {
      for (const id of ['crm', 'search', 'mail']) expect(await statusOf(id)).toMatchObject({ state: 'current' });
    });
    // The second event of one is refused for itself; another receiver is gone; the third has all.
    receiver('crm').manner = (_, id) => (id === receiver('crm').calls[1] ? 422 : undefined);
    receiver('mail').manner = () => 410;
    await product.command({ type: 'receipt', sku: 'MUG', quantity: 30 });
    for (let n = 0; n < 4; n += 1) await product.command({ type: 'sale', sku: 'MUG', quantity: 1 });
    await eventually(async () => {
      expect(await statusOf('crm')).toMatchObject({ state: 'current', delivered: 4, setAside: 1 });
      expect(await statusOf('mail')).toMatchObject({ state: 'gone' });
      expect((await product.get('/v1/cases?source=crm')).body).toMatchObject({ counts: { total: 1 } });
    });
    return product;
  });
  const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 50 });
  const statusOf = async (id: string) => (await product.get(`/v1/webhooks/${id}`)).body;
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name }).first();
  const table = (page: Page, name: string) => page.getByRole('region', { name });
  const history = (page: Page) => table(page, 'What happened, newest first');
  const asked = async (id: string) => {
    const all = (await statusOf(id))['history'] as readonly { readonly event: string; readonly after?: string }[];
    return all.filter(({ event }) => event === 'WebhookReplayAsked');
  };

  // First: what the pictures show is so then.
  describe.each(THEMES)('%s', (theme) => {
    it.each(Object.entries(SIZES))('is accessible and not wider than a %s', async (name, size) => {
      const page = await open('webhooks', { theme, size });
      await row(page, 'mail').getByText('gone').waitFor();
      await expectFits(page, size);
      if (name === 'laptop' && theme === 'light') await screenshot(page, 'webhooks-light', 480);
      await go(page, 'webhooks/crm');
      await table(page, 'Events that it refuses').getByText('it answered 422').waitFor();
      await page.getByText('1 open case').waitFor();
      await page.getByText('http://127.0.0.1').waitFor();
      await expectFits(page, size);
      if (name === 'laptop') await screenshot(page, `webhook-${theme}`, 768);
    });
  });

  it('lists each with its state, what waits, when it took one last, what it refuses and why', async () => {
    const page = await open('webhooks');
    await row(page, 'crm').getByText('current').waitFor();
    await row(page, 'crm')
      .getByText(/ ago|just now/)
      .waitFor();
    expect(await row(page, 'crm').getByRole('cell').nth(6).innerText()).toBe('1');
    await row(page, 'mail').getByText('never').waitFor();
    await row(page, 'mail').getByText('410').waitFor();
    await row(page, 'search').getByText('current').waitFor();
    // Live: nobody loads it anew.
    receiver('search').manner = () => 503;
    await product.command({ type: 'sale', sku: 'MUG', quantity: 1 });
    await row(page, 'search').getByText('not answering').waitFor({ timeout: 60_000 });
    await row(page, 'search').getByText('503').waitFor();
    await page.getByRole('link', { name: 'search' }).click();
    await page.getByText('It takes nothing, since').waitFor();
    await page.getByText(/Called again (in|now)/).waitFor();
    receiver('search').manner = () => undefined;
    await press(page, 'Call now …');
    await page.getByLabel('Reason').fill('it is up again');
    await page.keyboard.press('Enter');
    await page.getByText('search is called now').waitFor();
    await page.getByText('it has everything').waitFor();
    expect(await page.getByRole('button', { name: 'Call now …' }).count()).toBe(0);
  });

  it('one that is gone is called at once, by keyboard and for a reason; it then takes what waits', async () => {
    const page = await open('webhooks/mail');
    await page.getByText('It is gone: no call until').waitFor();
    receiver('mail').manner = () => undefined;
    await page.getByRole('button', { name: 'Call now …' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await press(page, 'Call');
    expect(await page.getByRole('dialog').isVisible(), 'why must be said').toBe(true);
    await page.getByLabel('Reason').fill('moved to a new host');
    await page.keyboard.press('Enter');
    await page.getByText('mail is called now').waitFor();
    await page.getByText('It is gone: no call until').waitFor({ state: 'detached' });
    await history(page).getByText('moved to a new host').waitFor();
    await history(page).getByText('anna').first().waitFor();
    await eventually(async () => expect(await statusOf('mail')).toMatchObject({ waiting: 0, state: 'current' }));
  });

  it('what it refused is replayed from there on, with what came after, once it is mended; its cases are one click away', async () => {
    const page = await open('webhooks/crm');
    await page.getByRole('link', { name: '1 open case' }).click();
    await table(page, 'Exception cases').getByText('poison-message').waitFor();
    expect(page.url()).toContain('source=crm');
    await page.goBack();
    const before = receiver('crm').taken.length;
    receiver('crm').manner = () => undefined;
    await table(page, 'Events that it refuses').getByRole('button', { name: 'Replay from here' }).click();
    await page.getByLabel('Reason').fill('the form takes it now');
    await press(page, 'Replay');
    await page.getByText('crm is sent events once more').waitFor();
    await page.getByText('It refuses nothing').waitFor();
    await history(page).getByText('the form takes it now').waitFor();
    await eventually(async () => expect(receiver('crm').taken.length).toBeGreaterThanOrEqual(before + 4));
    await page.getByRole('link', { name: '0 open cases' }).waitFor({ timeout: 60_000 });
  });

  it('is replayed from a time, or from the beginning; what was not sent yet cannot be skipped; Escape leaves it alone', async () => {
    const page = await open('webhooks/crm');
    await press(page, 'Replay …');
    await page.getByRole('dialog').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    const before = (await asked('crm')).length;
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press(page, 'Replay …');
    await page.getByLabel('Recorded from').fill('2099-01-01T00:00:00');
    await page.getByLabel('Reason').fill('too far');
    await page.keyboard.press('Enter');
    await page.getByText(/crm was left as it was.*ahead of what was sent/).waitFor();
    expect(await asked('crm')).toHaveLength(before);
    await press(page, 'Replay …');
    await page.getByLabel('Reason').fill('the last hour');
    await press(page, 'Replay');
    await history(page).getByText('the last hour').waitFor();
    await press(page, 'Replay …');
    await page.getByLabel('All there are').check();
    await page.getByLabel('Reason').fill('a new database');
    await press(page, 'Replay');
    await history(page).getByText('a new database').waitFor();
    expect((await asked('crm'))[0]).not.toHaveProperty('after');
  });

  it('says what a key may not, that one is not there, and that the server is gone', async () => {
    const page = await open('webhooks/crm', { key: reader });
    await history(page).getByText('took events').first().waitFor();
    expect(await page.getByRole('button', { name: 'Replay …' }).isDisabled()).toBe(true);
    expect(await page.getByRole('heading', { name: 'Policy' }).count(), 'it may not see policy').toBe(0);
    await go(page, 'webhooks/none');
    await page.getByText('The policy has no webhook none').waitFor();
    await go(page, 'webhooks');
    await row(page, 'crm').waitFor();
    await expectSurvivesOutage(page, async () => {
      expect(await row(page, 'crm').isVisible(), 'what was known stays').toBe(true);
    });
    await expectAsksForKey(page);
    const other = await open('webhooks', { key: limited });
    await other.getByText('This needs a key without limits').waitFor();
  });
});
