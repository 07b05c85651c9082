// Opening the embedded log: one process at a time, only its own format, never a lost log taken for a new one.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFormatUnknown } from '../../../adapters/event-log/sqlite/database.ts';
import { openSqliteLog } from '../../../adapters/event-log/sqlite/log.ts';
import { LogInUse } from '../../../adapters/event-log/sqlite/single-writer.ts';
import { systemClock } from '../../../adapters/platform.ts';
import { LogCorrupt, Unavailable } from '../../../domain/event-log.ts';
import { anEvent } from '../../contracts/event-log.ts';

const HOLDER = `
  import { openSqliteLog } from '${new URL('../../../adapters/event-log/sqlite/log.ts', import.meta.url).href}';
  const log = await openSqliteLog({ directory: process.argv[1], clock: Date });
  await log.append('held', -1, [{ id: 'e', type: 'T', data: {}, metadata: {} }]);
  console.log('ready');
  setInterval(() => {}, 1000);
`;

/** Another process that holds the log open. */
async function holder(directory: string) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', HOLDER, directory], { stdio: 'pipe' });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.stderr.once('data', (text) => reject(new Error(String(text))));
  });
  const killed = () => new Promise((resolve) => child.once('exit', resolve).kill('SIGKILL'));
  return { pid: child.pid!, killed };
}

describe('given a directory for the embedded log', () => {
  let directory: string;
  const open = () => openSqliteLog({ directory, clock: systemClock, indexBuckets: 4 });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evenstock-open-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('when another process holds it, then opening is refused and names that process; its death frees the log', async () => {
    const other = await holder(directory);
    const refused = await open().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LogInUse);
    expect(String(refused)).toContain(`in use by process ${other.pid}`);
    await other.killed();
    const log = await open();
    expect(log.recovery.tookOverFrom).toBe(other.pid);
    expect(await log.read('held', 0, 10)).toHaveLength(1);
    await log.close();
  });

  it('when this process already holds it, then a second opening is refused', async () => {
    const log = await open();
    await expect(open()).rejects.toThrow(`in use by process ${process.pid}`);
    await log.append('s', -1, [anEvent()]);
    await log.close();
  });

  it('when the pid file names a process that lives but does not hold the lock, then the log opens', async () => {
    await (await open()).close();
    writeFileSync(join(directory, 'log.pid'), '{"pid":1,"closed":true}\n');
    await (await open()).close();
  });

  it('when it was closed, then it opens with everything in it and nothing to repair', async () => {
    const first = await open();
    const appended = await first.append('s', -1, [anEvent(), anEvent()]);
    await first.close();
    const log = await open();
    expect(log.recovery).toMatchObject({ tookOverFrom: undefined, cuts: [], rebuiltIndex: false });
    expect(await log.head()).toBe(appended.position);
    await expect(log.append('s', 1, [anEvent()])).resolves.toMatchObject({ revision: 2 });
    await log.close();
  });

  it('when the format is unknown or the file is no log, then opening is refused and nothing is changed', async () => {
    await (await open()).close();
    const db = new DatabaseSync(join(directory, 'log.sqlite'));
    db.exec("UPDATE meta SET value = 99 WHERE name = 'format'");
    db.close();
    await expect(open()).rejects.toThrow(LogFormatUnknown);
    await expect(open()).rejects.toThrow('has format 99 and this version of Evenstock reads format 1');
    rmSync(join(directory, 'log.sqlite'));
    new DatabaseSync(join(directory, 'log.sqlite')).exec('CREATE TABLE customers (id)');
    await expect(open()).rejects.toThrow('not an Evenstock event log');
  });

  it('when the file or its write-ahead log is gone or empty, then opening is refused', async () => {
    const other = await holder(directory);
    await other.killed();
    const [file, wal] = ['log.sqlite', 'log.sqlite-wal'].map((name) => join(directory, name)) as [string, string];
    renameSync(wal, `${wal}.away`);
    await expect(open()).rejects.toThrow(/log\.sqlite-wal is missing/);
    renameSync(`${wal}.away`, wal);
    renameSync(file, `${file}.away`);
    await expect(open()).rejects.toThrow(LogCorrupt);
    writeFileSync(file, '');
    await expect(open()).rejects.toThrow(/missing or empty/);
    renameSync(`${file}.away`, file);
    const walBytes = readFileSync(wal);
    const log = await open();
    expect(walBytes.length).toBeGreaterThan(0);
    expect(await log.read('held', 0, 10)).toHaveLength(1);
    await log.close();
  });

  it('when the last commit in the write-ahead log is torn, then it is cut, kept and reported', async () => {
    const other = await holder(directory);
    await other.killed();
    const wal = join(directory, 'log.sqlite-wal');
    truncateSync(wal, readFileSync(wal).length - 100);
    const log = await open();
    expect(log.recovery.cuts).toHaveLength(1);
    expect(readFileSync(log.recovery.cuts[0]!.sideFile).length).toBeGreaterThan(0);
    expect(await log.read('held', 0, 10)).toEqual([]);
    await expect(log.append('held', -1, [anEvent()])).resolves.toMatchObject({ revision: 0 });
    await log.close();
  });

  it('when a frame has become another type of value, then reading it names the place', async () => {
    const log = await open();
    for (let n = 0; n < 3; n++) await log.append('s', n - 1, [anEvent()]);
    await log.close();
    const file = new DatabaseSync(join(directory, 'log.sqlite'));
    file.exec('UPDATE frames SET events = 16777216 WHERE position = 0');
    file.close();
    // Behind it are whole frames: not a tail that could be cut.
    await expect(open()).rejects.toBeInstanceOf(LogCorrupt);
  });

  it('when it is closed while appends wait, then they are durable first', async () => {
    const log = await open();
    const waiting = log.append('s', -1, [anEvent()]);
    await log.close();
    await expect(waiting).resolves.toMatchObject({ revision: 0 });
    await expect(log.append('s', 0, [anEvent()])).rejects.toThrow(Unavailable);
    const again = await open();
    expect(await again.read('s', 0, 10)).toHaveLength(1);
    await again.close();
  });
});
