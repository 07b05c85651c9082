// R16, fault row 8, in short: the real server under several times what it takes, in some seconds. On a machine that others use
// only what must hold at any speed is asked; `npm run overload` also judges memory and rates.
import { expect, it } from 'vitest';
import { checksOf } from './checks.ts';
import { overload } from './overload.ts';
import { picture } from './picture.ts';
import { SHORT_SIZES } from './sizes.ts';

it('turns away in order, loses and doubles nothing, drains, and stops in time', { timeout: 280_000 }, async () => {
  const said: string[] = [];
  const run = await overload(SHORT_SIZES, (text) => said.push(text));
  const checks = checksOf(run, false);
  expect(
    checks.filter(({ holds }) => !holds),
    said.join('\n'),
  ).toEqual([]);
  expect(checks.length).toBeGreaterThan(10);
  expect(run.audited.accepted).toBeGreaterThan(1_000);
  expect(picture(run, checks)).toContain('nothing lost, nothing doubled');
});
