// Pictures for docs/screenshots, taken by tests when UPDATE_SCREENSHOTS=1 says so. At most 200 KB each: they live in git.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const FOLDER = fileURLToPath(new URL('../../../docs/screenshots/', import.meta.url));
const BYTES_MAX = 200_000;
export const takesScreenshots = process.env['UPDATE_SCREENSHOTS'] === '1';

/** `name` without an ending. Does nothing unless it was asked for. @throws Error when it is too large for git */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (!takesScreenshots) return;
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  const { size } = statSync(path);
  if (size > BYTES_MAX) throw new Error(`${name}.png has ${size} bytes; at most ${BYTES_MAX} are kept`);
}
