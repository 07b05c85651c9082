// Which policy is in force, on one log and several processes: by time, after a restart, and when others change it.
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import { PolicyDocument } from '../../../domain/channel/policy.ts';
import type { EventLog } from '../../../domain/event-log.ts';
import { START } from '../../../domain/event-log.ts';
import { HOUR, MINUTE } from '../../../domain/time.ts';
import { verifyChain } from '../../../projections/verify-chain.ts';
import type { PolicyBook } from '../../../server/policy/book.ts';
import { createTrustedClock } from '../../../server/trusted-clock.ts';
import { faulty } from '../../support/faulty-log.ts';
import { aPolicyBook, byAnna } from '../../support/policy-book.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';

const document = (version: string) =>
  PolicyDocument.parse({ version, locations: [{ id: 'dc' }], channels: [{ id: 'web', locations: ['dc'] }] });
const apply = (version: string, effectiveFrom?: number) =>
  ({ type: 'apply', ...byAnna, document: document(version), effectiveFrom }) as const;
/** What a process reads in the log by and by. */
async function meetAll(book: PolicyBook, log: EventLog): Promise<void> {
  for (const event of await log.readAll(START, 1_000)) book.met(event);
}

describe('the policy in force', () => {
  it('changes at once, and tells what was before', async () => {
    const { book } = await aPolicyBook({ file: document('1') });
    const told: string[] = [];
    book.onChange((now, before) => told.push(`${before.version} → ${now.version}`));
    const answer = await book.change(apply('2'));
    expect(answer).toMatchObject({ outcome: 'accepted', changed: true, position: 1n });
    expect(book.policy().version).toBe('2');
    expect(await book.change(apply('2'))).toMatchObject({ outcome: 'accepted', changed: false });
    expect(told).toEqual(['1 → 2']);
  });

  it('changes at its time and not before', async () => {
    const { book, time } = await aPolicyBook({ file: document('1') });
    await book.change(apply('2', time.clock.now() + HOUR));
    await time.advance(HOUR - 1);
    expect(book.policy().version).toBe('1');
    await time.advance(1);
    expect(book.policy().version).toBe('2');
  });

  // Seen failing: with the wall clock in place of the trusted one.
  it('is not changed a day early by a wall clock that jumps, and is in the end when the jump stays', async () => {
    const time = createVirtualTime();
    let jumpMs = 0;
    const wall = { now: () => time.clock.now() + jumpMs };
    const clock = createTrustedClock({ wall, monotonic: time.now, confirmMs: 10 * MINUTE });
    const { book } = await aPolicyBook({ time, clock, file: document('1') });
    await book.change(apply('2', time.clock.now() + 12 * HOUR));
    await time.advance(MINUTE);
    jumpMs = 24 * HOUR;
    await time.advance(5 * MINUTE);
    expect(book.policy().version).toBe('1');
    jumpMs = 0;
    await time.advance(HOUR);
    expect(book.policy().version).toBe('1');
    jumpMs = 24 * HOUR;
    await time.advance(11 * MINUTE);
    expect(book.policy().version).toBe('2');
  });

  it('is the one whose time came while nothing ran', async () => {
    const { book, time, log } = await aPolicyBook({ file: document('1') });
    await book.change(apply('2', time.clock.now() + MINUTE));
    await book.change(apply('3', time.clock.now() + 3 * MINUTE));
    book.close();
    await time.advance(2 * MINUTE);
    expect(book.policy().version).toBe('1');
    const again = await aPolicyBook({ log, time, file: document('1') });
    expect(again.book.policy().version).toBe('2');
    await time.advance(MINUTE);
    expect(again.book.policy().version).toBe('3');
  });

  it('is the same in a second process on the log, whichever changes it', async () => {
    const one = await aPolicyBook({ file: document('1') });
    const two = await aPolicyBook({ ...one, file: document('1') });
    await one.book.change(apply('2'));
    expect(two.book.policy().version).toBe('1');
    await meetAll(two.book, one.log);
    expect(two.book.policy().version).toBe('2');
    // Nothing was met of this one, and yet it is known that its time is not free any more.
    await two.book.change(apply('3', one.time.clock.now() + MINUTE));
    expect(await one.book.change(apply('3', one.time.clock.now() + HOUR))).toMatchObject({
      outcome: 'refused',
      reason: 'policy-version-scheduled',
    });
    await one.time.advance(MINUTE);
    expect([one.book.policy().version, two.book.policy().version]).toEqual(['3', '3']);
  });

  it('reads what lies between when it meets an event that is not the next', async () => {
    const one = await aPolicyBook({ file: document('1') });
    const two = await aPolicyBook({ ...one, file: document('1') });
    await one.book.change(apply('2'));
    await one.book.change(apply('3'));
    two.book.met((await one.log.readAll(START, 10)).at(-1)!);
    await one.time.advance(0);
    expect(two.book.policy().version).toBe('3');
  });

  it('takes changes of several processes one after the other, in one chain', async () => {
    const one = await aPolicyBook({ file: document('0') });
    const two = await aPolicyBook({ ...one, file: document('0') });
    const changes = ['1', '2', '3', '4'].map((version, n) => (n % 2 === 0 ? one : two).book.change(apply(version)));
    const all = Promise.all(changes);
    await one.time.advance(1_000);
    expect((await all).map(({ outcome }) => outcome)).toEqual(Array(4).fill('accepted'));
    expect(await verifyChain(one.log, systemHashes)).toMatchObject({ events: 5, faults: [], unchained: 0 });
  });

  it('has a change once whose outcome was unknown', async () => {
    const log = faulty(createMemoryLog());
    const { book, time } = await aPolicyBook({ log, file: document('1') });
    log.script.push('written');
    const change = book.change(apply('2'));
    await time.advance(1_000);
    expect(await change).toMatchObject({ outcome: 'accepted' });
    expect(await log.read('policy', 0, 10)).toHaveLength(2);
  });
});
