// Checkpoints outlive a process; a damaged file is replaced, and then events are seen again.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCheckpoints } from '../../adapters/checkpoints.ts';
import { START } from '../../domain/event-log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const saved = () => {
  const checkpoints = openCheckpoints(directory);
  checkpoints.save('orders', 41n);
  checkpoints.close();
};
const loaded = () => {
  const checkpoints = openCheckpoints(directory);
  const position = checkpoints.load('orders');
  checkpoints.save('orders', 42n);
  checkpoints.close();
  return position;
};

it('are there at the next start', () => {
  saved();
  expect([loaded(), loaded()]).toEqual([41n, 42n]);
});

it.each([
  ['no database at all', (bytes: Buffer) => bytes.fill('no database ')],
  ['damaged further in', (bytes: Buffer) => bytes.fill(0xa5, 4_096)],
])('of a file that is %s are the beginning, and are kept from then on', (_, damage) => {
  saved();
  const path = join(directory, 'checkpoints.sqlite');
  writeFileSync(path, damage(readFileSync(path)));
  expect([loaded(), loaded()]).toEqual([START, 42n]);
});
