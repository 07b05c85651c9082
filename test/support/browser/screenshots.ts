// Pictures for docs/screenshots, taken by tests when UPDATE_SCREENSHOTS=1 says so. At most 200 KB each: they live in git.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const FOLDER = fileURLToPath(new URL('../../../docs/screenshots/', import.meta.url));
const BYTES_MAX = 200_000;
export const takesScreenshots = process.env['UPDATE_SCREENSHOTS'] === '1';

/** `name` without an ending; `height` in px. Does nothing unless it was asked for. @throws Error when it is too large for git */
export async function screenshot(page: Page, name: string, height: number): Promise<void> {
  if (!takesScreenshots) return;
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}.png`);
  const size = page.viewportSize() ?? { width: 1366, height: 768 };
  await page.setViewportSize({ ...size, height });
  await page.screenshot({ path, animations: 'disabled' });
  await page.setViewportSize(size);
  const { size: bytes } = statSync(path);
  if (bytes > BYTES_MAX) throw new Error(`${name}.png has ${bytes} bytes; at most ${BYTES_MAX} are kept`);
}
