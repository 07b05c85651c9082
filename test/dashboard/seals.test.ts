// The overview of a server that seals its log, in a real browser: when the last seal was, and what is wrong once it cannot be made.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSigningKey } from '../../adapters/seals/signing.ts';
import { accessibilityFaults, hasChromium, openChromium, openPage } from '../support/browser/chromium.ts';
import { type ServedProduct, serveProduct } from '../support/served-product.ts';

describe.skipIf(!hasChromium)('the overview of a server that seals its log', { timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-seals-page-'));
  let product: ServedProduct;
  let browser: Browser;
  const env = {
    ...{ DATA_DIR: join(directory, 'data'), LOG_LEVEL: 'silent' },
    ...{ SEAL_EVERY_MINUTES: '60', SEALS_DIR: join(directory, 'seals'), SEAL_KEY: generateSigningKey().privatePem },
  };
  beforeAll(async () => {
    mkdirSync(join(directory, 'seals'));
    product = await serveProduct({ env });
    browser = await openChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const open = () => openPage(browser, `${product.url}/#/overview`);

  it('says when the last seal was, and when the next is due', async () => {
    const { page, faults, close } = await open();
    const tile = page.locator('.tile').filter({ hasText: 'Last seal of the log' });
    await tile.getByText('ago').waitFor();
    await tile.getByText(/^the next /).waitFor();
    expect(await page.getByRole('region', { name: /cannot be sealed|not what was written/ }).count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it('says above everything else that the seals are not what was written', async () => {
    await product.stop();
    writeFileSync(join(directory, 'seals', 'seals.ndjson'), '{"kind":"seal","forged":true}\n');
    product = await serveProduct({ env: { ...env, POLICY_FILE: '' } });
    const { page, faults, close } = await open();
    const card = page.getByRole('region', { name: /^The event log or its seals are not what was written since / });
    await card.getByText(/seals.ndjson, line 1: it is no seal/).waitFor();
    await page.getByText('not sealed over what was altered').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });
});
