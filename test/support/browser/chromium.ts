// A real Chromium (Debian's package) for tests of pages. Everything that a page complains of is kept: errors, a
// Content-Security-Policy that stops something, a request to any other server. A test ends with `faults` being empty.
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';

const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(PROGRAM);
if (!hasChromium) console.warn(`SKIPPED: there is no Chromium at ${PROGRAM}; the pages were not looked at`);

export type Theme = 'light' | 'dark';
export const THEMES: readonly Theme[] = ['light', 'dark'];

/** A laptop and a tablet, px. */
export const SIZES = { laptop: { width: 1366, height: 768 }, tablet: { width: 820, height: 1180 } } as const;

export interface Opening {
  readonly theme?: Theme;
  readonly size?: { readonly width: number; readonly height: number };
  /** Entered already; absent: the page asks for it. */
  readonly key?: string;
}

export interface OpenedPage {
  readonly page: Page;
  /** What the page complained of. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export async function openPage(browser: Browser, url: string, opening: Opening = {}): Promise<OpenedPage> {
  const opened = await newPage(browser, new URL(url).origin, opening);
  await opened.page.goto(url);
  return opened;
}

/**
 * A page that has loaded nothing yet, with nothing in its cache. What it asks of other servers than that of `origin` is kept
 * as a fault; it is watched, not held up: that would cost each request some ms.
 */
export async function newPage(browser: Browser, origin: string, opening: Opening = {}): Promise<OpenedPage> {
  const { theme = 'light', size = SIZES.laptop, key } = opening;
  const context = await browser.newContext({ colorScheme: theme, viewport: size, reducedMotion: 'reduce' });
  const faults: string[] = [];
  if (key !== undefined) await context.addInitScript(keepKey, key);
  context.on('request', (request) => {
    const to = request.url();
    if (new URL(to).origin !== origin) faults.push(`asked another server: ${to}`);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A request that is answered 4xx is told here too: what the page makes of it is what the test looks at.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  return { page, faults, close: () => context.close() };
}

function keepKey(key: string): void {
  const { sessionStorage } = globalThis as unknown as { readonly sessionStorage: Map<string, string> & Storing };
  sessionStorage.setItem('evenstock.key', key);
}
interface Storing {
  setItem(name: string, value: string): void;
}

/** What keeps people from using the page, by the rules of WCAG 2.2 AA: rule, and where. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}
