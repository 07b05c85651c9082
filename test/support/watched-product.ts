// The product with everything that has a metric: a channel that is told, one that cannot be reached and is polled, an ERP
// that is down, a webhook whose receiver is down, reconciliation on a schedule, a case, seals; and Debian's Prometheus reading it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey } from '../../adapters/seals/signing.ts';
import { canarySecret } from './canary.ts';
import { freePort } from './free-port.ts';
import { type ServedProduct, serveProduct } from './served-product.ts';
import { WEBHOOK_SECRET } from './webhook-receiver.ts';

const NOWHERE = 'http://127.0.0.1:9';

export async function watchedProduct(): Promise<ServedProduct> {
  const secret = canarySecret('watched');
  const env = {
    ...{ METRICS: 'loopback', BOOKS: secret, WOO_KEY: secret, WOO_SECRET: secret, WOO_WEBHOOK: secret },
    ...{ CRM: WEBHOOK_SECRET, WEBHOOK_HOSTS: '127.0.0.1' },
  };
  const seals = mkdtempSync(join(tmpdir(), 'evenstock-watched-seals-'));
  const sealing = { SEAL_EVERY_MINUTES: '60', SEALS_DIR: seals, SEAL_KEY: generateSigningKey().privatePem };
  const product = await serveProduct({
    env: { ...env, ...sealing },
    policy: (channels) => ({
      channels: [
        ...channels,
        { id: 'blog', locations: ['warehouse'], connector: { type: 'woocommerce', url: NOWHERE, secretEnv: 'WOO' } },
      ],
      freshness: [{ channel: 'marketplace', withinSeconds: 60 }],
      reconciliation: { schedules: [{ channel: 'marketplace', everyMinutes: 60 }] },
      erps: [{ id: 'books', type: 'tryton', url: NOWHERE, database: 'db', user: 'u', secretEnv: 'BOOKS' }],
      webhooks: [{ id: 'crm', url: NOWHERE, secretEnv: 'CRM' }],
    }),
  });
  return {
    ...product,
    async stop() {
      const ended = await product.stop();
      rmSync(seals, { recursive: true, force: true });
      return ended;
    },
  };
}

export interface RunningPrometheus {
  readonly url: string;
  query(
    expression: string,
  ): Promise<readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]>;
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param rules a file of rules, evaluated each second */
export async function startPrometheus(target: string, rules: string): Promise<RunningPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-prometheus-'));
  const file = join(directory, 'prometheus.yml');
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'evenstock', static_configs: [{ targets: [new URL(target).host] }] }],
    }),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const get = async (path: string) => ((await (await fetch(`${url}${path}`)).json()) as { data: unknown }).data;
  return {
    url,
    get,
    async query(expression) {
      const data = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as { result: never[] };
      return data.result;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
