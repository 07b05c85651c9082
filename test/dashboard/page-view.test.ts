// The modules of a page come when it is shown. Where they do not, because the server was updated or is away, the page says so
// and is loaded anew; never again and again.
import type { Browser, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '../../server/auth/keys.ts';
import { accessibilityFaults, hasChromium, newPage, openChromium } from '../support/browser/chromium.ts';
import { type Product, startProduct } from '../support/product.ts';

const FILES = '**/dashboard/*/**';
const ORDERS = '**/dashboard/*/pages/orders.ts';

describe.skipIf(!hasChromium)('the module of a page', { timeout: 120_000 }, () => {
  const key = generateKey();
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    product = await startProduct({
      clients: [{ id: 'anna', key, scopes: ['admin'], locations: 'all', channels: 'all' }],
    });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });
  /** Counts how often the document was loaded. */
  const start = async () => {
    const { url } = product.evenstock;
    const opened = await newPage(browser, url, { key });
    const { page } = opened;
    let loads = 0;
    page.on('request', (request) => {
      if (request.isNavigationRequest()) loads += 1;
    });
    const go = (path: string) => page.goto(`${url}/#/${path}`, { waitUntil: 'commit' });
    const heading = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();
    return { ...opened, context: page.context(), go, heading, loads: () => loads };
  };

  it('is fetched when the page is chosen; those of the others come by themselves a while later', async () => {
    const { page, faults, close, go, heading } = await start();
    const orders = page.waitForRequest(ORDERS);
    await go('events');
    await heading('Events');
    await orders;
    await page.getByRole('link', { name: 'Orders' }).click();
    await heading('Orders');
    expect(faults).toEqual([]);
    await close();
  });

  it('of a server that was updated meanwhile is not there: the page says so, and is loaded anew where it was', async () => {
    const { page, faults, close, context, go, heading, loads } = await start();
    const isGone = (route: Route) => route.fulfill({ status: 404 });
    await context.route(ORDERS, isGone);
    await go('events');
    await heading('Events');
    // As a server with another version answers: there is no file of the old one.
    await context.route(FILES, isGone);
    await page.goto(`${product.evenstock.url}/#/orders?status=open`);
    await page.getByText('Evenstock was updated').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await context.unrouteAll();
    await expect.poll(loads, { timeout: 30_000 }).toBe(2);
    await heading('Orders');
    await page.getByText('Evenstock was updated').waitFor({ state: 'detached' });
    expect(page.url()).toContain('#/orders?status=open');
    expect(faults).toEqual([]);
    await close();
  });

  it('comes when the server is back', async () => {
    const { page, faults, close, context, go, heading } = await start();
    await context.route(ORDERS, (route) => route.abort('connectionrefused'));
    await go('events');
    await heading('Events');
    await context.route(FILES, (route) => route.abort('connectionrefused'));
    await page.getByRole('link', { name: 'Orders' }).click();
    await page.getByText('The server does not answer').waitFor();
    await context.unrouteAll();
    await page.getByText('The server does not answer').waitFor({ state: 'detached' });
    await heading('Orders');
    expect(faults).toEqual([]);
    await close();
  });

  // Seen failing where it is asked for without end.
  it('that never comes though the server is there is asked for once more, then left to people', async () => {
    const { page, close, context, go, heading, loads } = await start();
    await context.route(ORDERS, (route) =>
      route.fulfill({ status: 200, contentType: 'text/javascript', body: 'throw 1' }),
    );
    await go('orders');
    await expect.poll(loads, { timeout: 30_000 }).toBe(2);
    await page.getByText('The page met an error').waitFor();
    await page.waitForTimeout(5_000);
    expect(loads()).toBe(2);
    await context.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The page met an error').waitFor({ state: 'detached' });
    await heading('Orders');
    await close();
  });
});
