// Fault row 1 for everything that coordinates: `evenstock serve` is killed with SIGKILL at random instants while transfers,
// stocktakes, bundles, cases and runs of reconciliation are under way. After the last start and the repeats of what was not
// answered everything has come to rest: each acknowledged command had its effect once, and `evenstock verify` proves the log.
// Seen failing: with ids of owed commands that another process makes anew (transfers, stocktakes, bundles), with the
// destination told of units before they left, with cases that forget what they have seen, with runs that are not taken up.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import type { PolicyDocumentJson } from '../../../domain/channel/policy.ts';
import { generateKey, hashOfKey } from '../../../server/auth/keys.ts';
import { BUNDLES, KIT } from './kinds/bundles.ts';
import { CASES } from './kinds/cases.ts';
import { ERP, RECONCILIATIONS } from './kinds/reconciliations.ts';
import { stocktakes } from './kinds/stocktakes.ts';
import { TRANSFERS } from './kinds/transfers.ts';
import { killed, killServer, MAIN, type Settings, send, serve } from './serving.ts';
import { type Ask, teller } from './stories.ts';

const KILLS = 8;
const END_MS = 15_000;
const LOCATIONS = ['warehouse', 'store-001', 'store-002', 'store-003'].map((id) => ({ id }));
const POLICY: Partial<PolicyDocumentJson> = {
  version: '1',
  locations: LOCATIONS,
  channels: [{ id: 'webshop', locations: ['warehouse'] }],
  bundles: [KIT],
  systemsOfRecord: [ERP],
  reconciliation: { settleMinutes: 0 },
};
const [CLERK, MANAGER] = [generateKey(), generateKey()];

/** A policy and the keys of two people: nobody approves what they counted. */
function settingsIn(directory: string): Settings {
  const clients = [CLERK, MANAGER].map((key, n) => {
    const limits = { scopes: ['admin'], locations: 'all', channels: 'all' };
    return { id: `person-${n}`, ...limits, keys: [{ sha256: hashOfKey(key) }] };
  });
  const [keys, policy] = [join(directory, 'keys.json'), join(directory, 'policy.json')];
  writeFileSync(keys, JSON.stringify({ version: 1, clients }));
  writeFileSync(policy, JSON.stringify(POLICY));
  return { KEYS_FILE: keys, POLICY_FILE: policy };
}

/** @throws when it is not proven */
async function verify(directory: string, settings: Settings): Promise<{ readonly proven: boolean }> {
  const env = { ...process.env, ...settings, DATA_DIR: directory };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'verify', '--json'], { env });
  return JSON.parse(stdout) as { proven: boolean };
}

afterEach(killServer);

it('workflows, killed while they are under way, come to rest with every effect once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenstock-kill-workflows-'));
  const settings = settingsIn(directory);
  const kinds = [TRANSFERS, stocktakes(MANAGER), BUNDLES, CASES, RECONCILIATIONS];
  const clients = teller(kinds);
  for (let round = 0; round < KILLS; round++) {
    const server = await serve(directory, settings);
    let isAlive = true;
    const telling = clients.tell(server.url, CLERK, () => isAlive);
    await Promise.race([telling, delay(300 + Math.random() * 700)]);
    isAlive = false;
    await Promise.all([killed(server), telling]);
  }
  const server = await serve(directory, settings);
  await clients.end(server.url, CLERK, END_MS);
  const ask: Ask = (path, sending) => send(server.url, path, { key: CLERK, ...sending });
  for (const kind of kinds) {
    expect(clients.stories(kind), kind.name).toBeGreaterThan(1);
    await kind.check(ask, clients.stories(kind));
  }
  expect(await killed(server, 'SIGTERM')).toBe(0);
  expect(await verify(directory, settings)).toMatchObject({ proven: true });
  rmSync(directory, { recursive: true });
}, 120_000);
