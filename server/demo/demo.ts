// `npm run demo`: Evenstock on the embedded log, a demo retailer trading against it over HTTP, and a marketplace in a
// process of its own that shows what it is told. Ends with a comparison: does the marketplace show what it should?
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import { generateKey, hashOfKey } from '../auth/keys.ts';
import { stopSignal } from '../cli/serve.ts';
import { readConfig } from '../config.ts';
import { createLogger } from '../logging.ts';
import { type Evenstock, startEvenstock } from '../wiring.ts';
import { checkJournal, openJournal } from './journal.ts';
import { demoPolicy, MARKETPLACE, MARKETPLACE_SECRET_ENV } from './retailer.ts';
import { createSender, type Tally } from './sender.ts';
import { createTrading } from './trading.ts';

export interface DemoOptions {
  readonly seconds?: number;
  readonly rate: number;
  readonly directory: string;
  readonly fresh?: boolean;
}

const MARKETPLACE_MAIN = fileURLToPath(
  new URL('../../adapters/channels/marketplace-simulator/main.ts', import.meta.url),
);
const SETTLE_MS_MAX = 30_000;

export async function runDemo(options: DemoOptions): Promise<void> {
  const config = {
    ...readConfig({ DATA_DIR: options.directory, ...process.env, EVENT_LOG: '' }),
    dataDir: options.directory,
  };
  if (options.fresh) rmSync(options.directory, { recursive: true, force: true });
  mkdirSync(options.directory, { recursive: true });
  const secret = generateKey();
  const key = generateKey();
  await using opened = new AsyncDisposableStack();
  const marketplace = await startMarketplaceProcess(secret);
  opened.defer(() => void marketplace.process.kill());
  const evenstock = await startEvenstock(config, {
    env: { ...process.env, [MARKETPLACE_SECRET_ENV]: secret },
    logger: createLogger('warn', process.stderr.isTTY),
    onFatal: () => process.exit(1),
    policy: compilePolicy(PolicyDocument.parse(demoPolicy(marketplace.url))),
    keys: {
      version: 1,
      clients: [
        { id: 'demo', scopes: ['admin'], locations: 'all', channels: 'all', keys: [{ sha256: hashOfKey(key) }] },
      ],
    },
  });
  opened.defer(() => evenstock.close());
  introduce(evenstock, marketplace.url, key, options);
  const journalPath = join(options.directory, 'acknowledged.txt');
  if (!(await lastRunIsWhole(journalPath, evenstock))) {
    process.exitCode = 1;
    return;
  }
  const journal = openJournal(journalPath);
  const sender = createSender({ url: evenstock.url, key, random: Math.random, journal });
  const trading = createTrading({ sender, marketplaceUrl: marketplace.url, rate: options.rate, random: Math.random });
  await trading.stockUp();
  trading.start();
  await reportUntilStopped(evenstock, sender.tally, options.seconds);
  say('\nTrading stops; what is still to be said to the marketplace is being said …');
  await trading.stop();
  const whole = await compareMarketplace(evenstock, marketplace.url);
  const { accepted, duplicates, refused, failed } = sender.tally;
  say(`${accepted} commands accepted, ${duplicates} duplicates recognised, ${refused} refused, ${failed} failed.`);
  if (!whole || failed > 0) process.exitCode = 1;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function introduce(evenstock: Evenstock, marketplaceUrl: string, key: string, { directory }: DemoOptions): void {
  say(`
Dashboard      ${evenstock.url}        enter with the KEY below; API page: ${evenstock.url}/docs
Marketplace    ${marketplaceUrl}        what its buyers see, live
Event log      ${directory}        kept until you start with --fresh

Try, in another terminal:
  KEY=${key}
  curl -s -H "Authorization: Bearer $KEY" ${evenstock.url}/v1/availability/marketplace/TSHIRT-RED-S/explain
  curl -s -H "Authorization: Bearer $KEY" "${evenstock.url}/v1/stock/TSHIRT-RED-S/warehouse/history?limit=5"
  curl -sN -H "Authorization: Bearer $KEY" -H "Accept: text/event-stream" ${evenstock.url}/v1/events
Kill it with kill -9 and start it again: it will look for every command it had acknowledged. Ctrl-C ends it.
`);
}

async function startMarketplaceProcess(
  secret: string,
): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const child = spawn(
    process.execPath,
    [MARKETPLACE_MAIN, '--port', '0', '--rate', '6', '--name', 'Demo marketplace', '--with-parent'],
    {
      env: { ...process.env, MARKETPLACE_SECRETS: secret },
      stdio: ['pipe', 'pipe', 'inherit'],
      // Ctrl-C is for Evenstock first: it still tells the marketplace what it owes.
      detached: true,
    },
  );
  process.once('exit', () => child.kill());
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url !== undefined) return { url, process: child };
  }
  const [code] = await once(child, 'exit');
  throw new Error(`the marketplace ended with code ${code} before it listened`);
}

/** After a crash: is every acknowledged command in the log, once? */
async function lastRunIsWhole(journalPath: string, evenstock: Evenstock): Promise<boolean> {
  const check = await checkJournal(journalPath, evenstock.log);
  if (check === undefined) return true;
  const { acknowledged, lost, doubled } = check;
  say(`Last run: ${acknowledged} commands were acknowledged; ${lost.length} lost, ${doubled.length} doubled.`);
  if (lost.length > 0 || doubled.length > 0) say(`  ${[...lost, ...doubled].slice(0, 20).join('\n  ')}`);
  return lost.length === 0 && doubled.length === 0;
}

async function reportUntilStopped(evenstock: Evenstock, tally: Tally, seconds: number | undefined): Promise<void> {
  const ended = new AbortController();
  const stopped = Promise.race([stopSignal(), ...(seconds === undefined ? [] : [delay(seconds * 1_000)])]).then(() =>
    ended.abort(),
  );
  const everyMs = process.stdout.isTTY ? 1_000 : 5_000;
  for (let before = 0; !ended.signal.aborted; before = tally.sent) {
    await delay(everyMs, undefined, { signal: ended.signal }).catch(() => {});
    say(progressLine(evenstock, tally, ((tally.sent - before) * 1_000) / everyMs));
  }
  await stopped;
}

function progressLine({ readModel, publishing }: Evenstock, tally: Tally, rate: number): string {
  const channel = publishing.status(MARKETPLACE)!;
  return [
    `${Math.round(rate)} commands/s`,
    `${tally.accepted} accepted`,
    `${tally.duplicates} duplicates`,
    `${tally.refused} refused`,
    ...(tally.failed > 0 ? [`${tally.failed} FAILED`] : []),
    `position ${readModel.availability.position()}`,
    `marketplace ${channel.state}: ${tally.marketplaceOrders} orders, ${channel.backlog} to tell, lag ${Math.round(channel.lagMs)} ms`,
  ].join(' · ');
}

/** Waits until nothing is left to tell, then compares every listing with available-to-sell. */
async function compareMarketplace({ readModel, publishing }: Evenstock, marketplaceUrl: string): Promise<boolean> {
  const { availability } = readModel;
  const wrong = async () => {
    const response = await fetch(`${marketplaceUrl}/listings`);
    const { listings } = (await response.json()) as {
      readonly listings: readonly { readonly sku: string; readonly units: number }[];
    };
    const shown = new Map(listings.map(({ sku, units }) => [sku, units]));
    return [...availability.skus(MARKETPLACE)].filter((sku) => shown.get(sku) !== availability.units(MARKETPLACE, sku));
  };
  const untold = () => publishing.status(MARKETPLACE)!.backlog + publishing.status(MARKETPLACE)!.inFlight;
  const deadline = Date.now() + SETTLE_MS_MAX;
  let differing = await wrong();
  while ((differing.length > 0 || untold() > 0) && Date.now() < deadline) {
    await delay(200);
    differing = await wrong();
  }
  const skus = [...availability.skus(MARKETPLACE)].length;
  say(`The marketplace shows ${skus - differing.length} of ${skus} SKUs as Evenstock says; ${untold()} to tell.`);
  if (differing.length > 0) say(`Different: ${differing.slice(0, 20).join(', ')}`);
  return differing.length === 0;
}
