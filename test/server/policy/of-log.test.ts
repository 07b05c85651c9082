// The policy of a log that nobody has open: what is in force, and how much its stocks must remember to be proven.
import { expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { PolicyDocument } from '../../../domain/channel/policy.ts';
import { DAY, HOUR, MINUTE } from '../../../domain/time.ts';
import { memoryOfLog, policyOfLog } from '../../../server/policy/of-log.ts';
import { aPolicyBook, byAnna } from '../../support/policy-book.ts';

const document = (version: string, duplicateWindowDays: number) =>
  PolicyDocument.parse({ version, locations: [{ id: 'dc' }], duplicateWindowDays });

it('is the version in force, with the longest memory that any had', async () => {
  const { book, log, time } = await aPolicyBook({ file: document('1', 30) });
  await book.change({ type: 'apply', ...byAnna, document: document('2', 90) });
  await book.change({ type: 'apply', ...byAnna, document: document('3', 10) });
  await book.change({
    ...{ type: 'apply', ...byAnna, document: document('4', 20) },
    effectiveFrom: time.clock.now() + HOUR,
  });
  book.close();
  expect((await policyOfLog(log, undefined, time.clock)).version).toBe('3');
  expect(await memoryOfLog(log, undefined, time.clock)).toBe(90 * DAY + 10 * MINUTE);
  await time.advance(HOUR);
  expect((await policyOfLog(log, undefined, time.clock)).version).toBe('4');
});

it('must be named by a file when the log has none', async () => {
  const clock = { now: () => 0 };
  await expect(policyOfLog(createMemoryLog(), undefined, clock)).rejects.toThrow('POLICY_FILE is not set');
  const file = 'docs/examples/policy.json';
  expect((await policyOfLog(createMemoryLog(), file, clock)).version).toBe('2026-11-23.1');
});
