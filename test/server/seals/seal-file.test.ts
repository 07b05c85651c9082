// The file of seals: what can be forged, taken out, put in, cut off or lost of it, and what is said then; keys and their hand-over.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemClock, systemHashes } from '../../../adapters/platform.ts';
import { openSealWriter, witnessOf } from '../../../adapters/seals/seal-file.ts';
import { rotateKey, sealLog } from '../../../adapters/seals/seal-log.ts';
import { generateSigningKey, type SigningKey, signingKey } from '../../../adapters/seals/signing.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import { logPages } from '../../../projections/log-pages.ts';
import { checkGivenSeals } from '../../../server/cli/seal/check-seals.ts';
import { makeKeyFiles, readPublicKey, readSigningKey } from '../../../server/cli/seal/key-files.ts';
import { actorsOver, submit } from '../../support/actors.ts';

let directory: string;
let file: string;
let log: EventLog;
let key: SigningKey;
let publicKey: string;
let trade: () => Promise<unknown>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evenstock-seals-'));
  file = join(directory, 'seals.ndjson');
  ({ key, publicKey } = newKey('first'));
  log = createMemoryLog();
  const actors = actorsOver(log);
  trade = () => submit(actors, { type: 'receipt', quantity: 1 });
  for (let n = 0; n < 3; n++) {
    await trade();
    await trade();
    await seal();
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function newKey(name: string) {
  const { publicPath } = makeKeyFiles(join(directory, `${name}.pem`));
  return { key: readSigningKey(join(directory, `${name}.pem`)), publicKey: publicPath };
}
const room = () => ({ file, hashes: systemHashes, clock: systemClock });
const seal = (by = key, of = log) => sealLog({ ...room(), key: by, pages: (after) => logPages(of, after) });
const check = async (...publicKeys: string[]) =>
  (await checkGivenSeals((after) => logPages(log, after), { seals: file, publicKey: [publicKey, ...publicKeys] }))!;
const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
const rewrite = (change: (all: string[]) => string[]) => writeFileSync(file, `${change(lines()).join('\n')}\n`);
const changed = (n: number, change: (line: string) => string) => (all: string[]) =>
  all.map((line, at) => (at === n ? change(line) : line));

it('is proven, and says how much of the log it covers', async () => {
  await trade();
  expect(await check()).toMatchObject({
    seals: 3,
    sealed: 6,
    unsealed: 1,
    faults: [],
    altered: [],
    last: { number: 3 },
  });
});

// Seen failing, here and below: with a signature that is not looked at, with `previous` that is not.
it.each<readonly [string, (all: string[]) => string[], RegExp]>([
  [
    'a count that is changed',
    changed(1, (line) => line.replace('"count":4', '"count":5')),
    /line 2: its signature does not fit/,
  ],
  [
    'a time that is changed',
    changed(2, (line) => line.replace(/"at":"20/, '"at":"19')),
    /line 3: its signature does not fit/,
  ],
  ['a seal taken out', (all) => all.toSpliced(1, 1), /line 2: it is number 3: lines were taken out/],
  ['the first seals taken out', (all) => all.slice(1), /line 1: it is number 2: lines were taken out/],
  ['a seal twice', (all) => [all[0]!, all[0]!, ...all.slice(1)], /line 2: it is number 1/],
  ['garbage', changed(1, () => 'garbage'), /line 2: it is not JSON/],
  ['another kind of line', changed(1, () => '{"kind":"seal"}'), /line 2: it is no seal: v/],
])('finds %s', async (_, change, told) => {
  rewrite(change);
  const { faults } = await check();
  expect(faults.join('\n')).toMatch(told);
  await trade();
  await expect(seal()).rejects.toThrow(told);
});

it('finds a seal that somebody else forged with a key of his own', async () => {
  const forger = newKey('forger');
  rmSync(file);
  rmSync(witnessOf(file));
  await seal(forger.key);
  expect((await check()).faults.join()).toMatch(/line 1: it is signed with key .*, which is not trusted here/);
  await trade();
  await expect(seal(key)).rejects.toThrow(/is sealed with key .*evenstock seal rotate/);
});

it('finds a line put in another one’s place by who holds the key', async () => {
  const before = lines();
  rewrite((all) => all.slice(0, 1));
  await seal();
  rewrite((all) => [...all, before[2]!]);
  expect((await check()).faults.join()).toMatch(/line 3: it does not follow the line before it/);
});

it('finds a forged line that names the trusted key', async () => {
  const forger = newKey('forger');
  const body = lines()[2]!
    .replace(/,"signature".*$/, '}')
    .replace('"count":6', '"count":5');
  rewrite(changed(2, () => `${body.slice(0, -1)},"signature":"${forger.key.sign(`evenstock seal 1\n${body}`)}"}`));
  expect((await check()).faults.join()).toMatch(/line 3: its signature does not fit: it was forged or changed/);
});

it('is handed over from key to key, and only so', async () => {
  const next = newKey('second');
  await trade();
  await expect(seal(next.key)).rejects.toThrow(/evenstock seal rotate/);
  await rotateKey({ ...room(), key }, next.key);
  await expect(seal(key)).rejects.toThrow(/is sealed with key/);
  await seal(next.key);
  expect(await check()).toMatchObject({ seals: 4, faults: [] });
  // Who trusts only the new key cannot tell who signed before it.
  const alone = (await checkGivenSeals((after) => logPages(log, after), { seals: file, publicKey: [next.publicKey] }))!;
  expect(alone.faults.join()).toMatch(/line 1: it is signed with key/);
  rewrite((all) => all.filter((line) => !line.includes('rotation')));
  expect((await check(next.publicKey)).faults.join()).toMatch(/line 4: it is number 5/);
});

it('goes on after a crash that cut a line or left a witness without its seal', async () => {
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"v":1,"kind":"se`);
  writeFileSync(witnessOf(file), Buffer.concat([readFileSync(witnessOf(file)), Buffer.from('half a member')]));
  expect(await check()).toMatchObject({ seals: 3, faults: [] });
  await trade();
  expect(await seal()).toMatchObject({ newEvents: 1, seal: { number: 4 } });
  expect(await check()).toMatchObject({ seals: 4, faults: [] });
});

it('says of a witness that is lost, shorter or altered what it can no longer do', async () => {
  const other = createMemoryLog();
  const actors = actorsOver(other);
  for (let n = 0; n < 6; n++) await submit(actors, { type: 'receipt', quantity: 2 });
  const told = async () =>
    (await checkGivenSeals((after) => logPages(other, after), { seals: file, publicKey: [publicKey] }))!;
  expect((await told()).altered).toEqual([
    { stream: 'stock-A~store-1', revision: 0, what: 'changed, and 5 events after it' },
  ]);
  const witness = witnessOf(file);
  copyFileSync(witness, join(directory, 'copy'));
  truncateSync(witness, statSync(witness).size - 9);
  expect((await told()).faults.join()).toMatch(/first event and seal 1.*the witness cannot be read/);
  await trade();
  await expect(seal()).rejects.toThrow(/bring it back from a copy/);
  rmSync(witness);
  expect((await told()).faults.join()).toMatch(/there is no witness/);
  copyFileSync(join(directory, 'copy'), witness);
  expect(await seal()).toMatchObject({ seal: { number: 4 } });
});

it('is written by one process at a time', async () => {
  const writer = openSealWriter(file);
  await expect(seal()).rejects.toThrow(/cannot be written, or another process seals into it/);
  writer.close();
  await trade();
  expect(await seal()).toMatchObject({ newEvents: 1 });
});

it('takes no keys but Ed25519, and shows none', () => {
  const { privatePem } = generateSigningKey();
  const path = join(directory, 'some.pem');
  writeFileSync(path, privatePem);
  expect(() => readPublicKey(path)).toThrow(/some.pem cannot be used: it is a private key/);
  writeFileSync(path, 'no key');
  for (const read of [readPublicKey, readSigningKey]) expect(() => read(path)).toThrow(/some.pem cannot be used: no/);
  expect(() => readSigningKey(join(directory, 'none.pem'))).toThrow(/none.pem cannot be used/);
  expect(() => makeKeyFiles(join(directory, 'first.pem'))).toThrow(/is there already/);
  expect(statSync(join(directory, 'first.pem')).mode & 0o777).toBe(0o600);
  expect(signingKey(privatePem).public.id).toMatch(/^[\w-]{43}$/);
});
