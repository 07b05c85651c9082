// GET /metrics: who may read it, and that Prometheus's own linter takes what it says.
// Seen failing on planted bugs: X-Forwarded-For not looked at; names without their units; METRICS=key open to this machine.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { ApiEnv } from '../../server/routes/api.ts';
import { hasProgram } from '../support/programs.ts';
import { serveProduct } from '../support/served-product.ts';
import { eventually, fields, opened } from './support/observed-product.ts';
import { KEYS, shop } from './support/shop.ts';

async function served(env: Readonly<Record<string, string>>) {
  const product = await serveProduct({ env });
  opened.push(() => product.stop());
  return product;
}

/** As one who connects from `address`. */
async function from(address: string, isOpenHere: boolean, headers: Readonly<Record<string, string>> = {}) {
  const { app } = shop({ dependencies: { metrics: { scrape: async () => 'a 1\n', isOpenHere } } });
  const incoming = { socket: { remoteAddress: address }, headers };
  const env = { incoming } as unknown as ApiEnv['Bindings'];
  return (await app.request('/metrics', {}, env)).status;
}

describe('who may read the metrics', () => {
  it.each([
    ['from this machine', '127.0.0.1', true, {}, 200],
    ['from this machine, mapped', '::ffff:127.0.0.1', true, {}, 200],
    ['from this machine, IPv6', '::1', true, {}, 200],
    ['from another', '192.0.2.7', true, {}, 401],
    ['from another by a proxy here', '127.0.0.1', true, { 'x-forwarded-for': '192.0.2.7' }, 401],
    ['from this machine, where a key is asked of all', '127.0.0.1', false, {}, 401],
    ['from another with its key', '192.0.2.7', true, { authorization: `Bearer ${KEYS.admin}` }, 200],
    ['from this machine with a wrong scope', '127.0.0.1', false, { authorization: `Bearer ${KEYS.reader}` }, 403],
  ] as const)('%s', async (_, address, isOpenHere, headers, status) => {
    expect(await from(address, isOpenHere, headers)).toBe(status);
  });

  it('nobody, where they are off', async () => {
    const room = shop({ dependencies: { metrics: undefined } });
    const response = await room.send('GET', '/metrics');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('METRICS is off');
  });
});

describe('what is read', () => {
  it('is what happened, and as Prometheus wants it', async (test) => {
    const product = await served({ METRICS: 'loopback' });
    await product.post('/v1/commands', fields());
    await eventually(() => expect(product.marketplace.listings.get('A')?.units).toBe(10));
    let text = '';
    await expect
      .poll(async () => (text = await scrape(product.url)), { timeout: 10_000 })
      .toContain('evenstock_publish_updates_total{channel="marketplace",outcome="confirmed"} 1');
    expect(text).toContain('evenstock_commands_total{type="receipt",outcome="accepted"} 1');
    expect(text).toContain('evenstock_publish_lag_seconds_count{channel="marketplace"} 1');
    expect(text).toMatch(/^target_info\{service_name="evenstock",service_instance_id="[0-9a-f-]{36}"\} 1$/m);
    expect(text).not.toContain('# UNIT');
    if (!hasProgram('promtool')) return test.skip('SKIPPED: promtool is missing (apt-get install prometheus)');
    const lint = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([lint.status, lint.stdout, lint.stderr]).toEqual([0, '', '']);
  });

  it('goes on beside traces that are sent', async () => {
    const product = await served({ METRICS: 'loopback', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1' });
    expect(await scrape(product.url)).toContain('evenstock_duplicates_total 0');
  });

  it.each([
    ['OTEL_METRICS_EXPORTER', 'otlp'],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'http://127.0.0.1:1'],
  ])('is not sent away too: %s stops the start', async (name, value) => {
    await expect(serveProduct({ env: { METRICS: 'key', [name]: value } })).rejects.toThrow(
      `${name}=${value}: must not`,
    );
  });
});

async function scrape(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return response.text();
}
