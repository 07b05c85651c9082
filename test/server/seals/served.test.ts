// A server that is told to seal its log, as a process: what it seals `evenstock verify` takes, and what it is told wrong it says at its start.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSigningKey } from '../../../adapters/seals/signing.ts';
import { readConfig } from '../../../server/config.ts';
import { prepareSeals } from '../../../server/wiring/seals.ts';
import { serveProduct } from '../../support/served-product.ts';

const MAIN = new URL('../../../server/cli/evenstock.ts', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'evenstock-seals-served-'));
const at = (name: string) => join(directory, name);
const { privatePem, publicPem } = generateSigningKey();
const sealing = { SEAL_EVERY_MINUTES: '60', SEALS_DIR: at('seals'), SEAL_KEY_FILE: at('key.pem') };

beforeAll(() => {
  for (const name of ['seals', 'data', 'data/seals', 'other']) mkdirSync(at(name));
  symlinkSync(at('data/seals'), at('linked'));
  writeFileSync(at('key.pem'), privatePem);
  writeFileSync(at('key.pub.pem'), publicPem);
  writeFileSync(at('garbage.pem'), 'this is no key at all');
  chmodSync(at('key.pem'), 0o600);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('seals at its start and says so, as verify takes it; stopped and started again it finds nothing due', async () => {
  const env = { ...sealing, DATA_DIR: at('data'), LOG_LEVEL: 'info' };
  const file = at('seals/seals.ndjson');
  const product = await serveProduct({ env });
  try {
    await expect.poll(() => existsSync(file), { timeout: 60_000 }).toBe(true);
    const args = ['verify', '--url', product.url, '--seals', file, '--public-key', at('key.pub.pem')];
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args]);
    expect(stdout).toMatch(/seals in .*: 1, the last \(1\).*\nproven: nothing sealed was lost or altered\n$/s);
  } finally {
    const { code, stderr } = await product.stop();
    expect(code).toBe(0);
    expect(stderr).toMatch(/"seal":1,"newEvents":\d+,.*"root":"[\w-]{43}".*"msg":"sealed"/);
  }
  const again = await serveProduct({ env: { ...env, POLICY_FILE: '' } });
  await again.stop();
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2);
}, 120_000);

it('a node that only serves seals nothing, and needs no key for it', async () => {
  const { SEAL_KEY_FILE: _, ...without } = sealing;
  const env = { ...without, SEALS_DIR: at('other'), DATA_DIR: at('data'), NODE_ROLE: 'api', POLICY_FILE: '' };
  const product = await serveProduct({ env });
  await product.stop();
  expect(existsSync(at('other/seals.ndjson'))).toBe(false);
}, 60_000);

describe('told wrong, it does not start', () => {
  const outside = /SEALS_DIR: must be outside .*whoever can write the log must not be able to write its seals/;

  it.each<readonly [string, Record<string, string>, RegExp]>([
    [
      'no number',
      { SEAL_EVERY_MINUTES: 'hourly' },
      /SEAL_EVERY_MINUTES="hourly": must be a whole number from 0 to 10080/,
    ],
    [
      'too seldom',
      { SEAL_EVERY_MINUTES: '10081' },
      /SEAL_EVERY_MINUTES="10081": must be a whole number from 0 to 10080/,
    ],
    ['no folder', { SEALS_DIR: '' }, /SEALS_DIR: must be the folder that seals go to/],
    [
      'a folder and no time',
      { SEAL_EVERY_MINUTES: '0' },
      /SEALS_DIR: says where, and SEAL_EVERY_MINUTES must say how often/,
    ],
    ['a log in memory', { EVENT_LOG: 'memory:' }, /SEAL_EVERY_MINUTES: a log in memory/],
    ['the folder of the log', { SEALS_DIR: at('data') }, outside],
    ['a folder in it', { SEALS_DIR: at('data/seals') }, outside],
    ['a folder around it', { SEALS_DIR: directory }, outside],
    [
      'a folder around that of the log alone',
      { EVENT_LOG: `embedded:${at('other/log')}`, SEALS_DIR: at('other') },
      outside,
    ],
  ])('%s', (_, env, told) => {
    expect(() => readConfig({ ...sealing, DATA_DIR: at('data'), ...env })).toThrow(told);
  });

  it.each<readonly [string, Record<string, string>, RegExp]>([
    ['a folder in it, by another name', { SEALS_DIR: at('linked') }, outside],
    ['a folder that is not there', { SEALS_DIR: at('nowhere') }, /SEALS_DIR: there is no folder .*nowhere/],
    ['a file', { SEALS_DIR: at('key.pem') }, /SEALS_DIR: there is no folder .*key.pem/],
    [
      'no key',
      { SEAL_KEY_FILE: '' },
      /Seals need a key to sign with: set the environment variable SEAL_KEY \(or SEAL_KEY_FILE/,
    ],
    [
      'a key file that is not there',
      { SEAL_KEY_FILE: at('none.pem') },
      /SEAL_KEY_FILE names cannot be read \(ENOENT\)/,
    ],
    [
      'no key in it',
      { SEAL_KEY_FILE: at('garbage.pem') },
      /SEAL_KEY \(or SEAL_KEY_FILE\) cannot be used: no private key in PEM/,
    ],
    [
      'the public one',
      { SEAL_KEY_FILE: at('key.pub.pem') },
      /SEAL_KEY \(or SEAL_KEY_FILE\) cannot be used: no private key/,
    ],
  ])('%s', (_, more, told) => {
    const env = { ...sealing, DATA_DIR: at('data'), ...more };
    expect(() => prepareSeals(readConfig(env), env)).toThrow(told);
  });

  it('before anything is opened', async () => {
    const env = { ...sealing, SEAL_KEY_FILE: at('garbage.pem'), DATA_DIR: at('never') };
    await expect(serveProduct({ env })).rejects.toThrow(
      /^SEAL_KEY \(or SEAL_KEY_FILE\) cannot be used: no private key/,
    );
    expect(existsSync(at('never'))).toBe(false);
  }, 60_000);
});
