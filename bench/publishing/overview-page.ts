// The dashboard's overview in a real Chromium, as somebody who opens it sees it: from the address until every channel is
// shown and the figures are live. Each time in a browser context of its own, made before, so nothing is in its cache.
import { hasChromium, newPage, openChromium } from '../../test/support/browser/chromium.ts';
import type { EvenstockProcess } from '../servers/evenstock-process.ts';

const TIMES = 5;

/** ms, each time; undefined where there is no Chromium. */
export async function overviewLoads(
  { port, headers }: EvenstockProcess,
  channels: readonly string[],
): Promise<readonly number[] | undefined> {
  if (!hasChromium) return undefined;
  const key = headers['authorization']!.replace('Bearer ', '');
  const origin = `http://127.0.0.1:${port}`;
  const browser = await openChromium();
  try {
    const times: number[] = [];
    for (let n = 0; n < TIMES; n += 1) {
      const { page, faults, close } = await newPage(browser, origin, { key });
      const startedAt = performance.now();
      await page.goto(`${origin}/#/overview`, { waitUntil: 'commit' });
      for (const channel of channels) await page.getByRole('row').filter({ hasText: channel }).first().waitFor();
      await page.getByText('● live', { exact: true }).waitFor();
      times.push(performance.now() - startedAt);
      if (faults.length > 0) throw new Error(`the page complained: ${faults.join('; ')}`);
      await close();
    }
    return times;
  } finally {
    await browser.close();
  }
}
