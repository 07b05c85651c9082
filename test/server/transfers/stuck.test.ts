// Transfers of which nothing is heard: found by the clock alone, whoever was running meanwhile, told to people as a case, and
// taken back when something is heard. Seen failing: when only transfers changed since the start
// are looked at, when the watch keeps the policy of the start, when nothing clears the case, and when what is heard does not
// end being stuck.
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { type EventLog, START } from '../../../domain/event-log.ts';
import { MINUTE } from '../../../domain/time.ts';
import { submit } from '../../support/actors.ts';
import { virtualRunnerTime } from '../../support/read-side.ts';
import { openTransferRoom, type TransferRoom } from '../../support/transfer-room.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

let log: EventLog;
let time: VirtualTime;
let room: TransferRoom;
let days: number;

/** Short, so that the looks of every minute are few. */
const STUCK_DAYS = 0.02;
const STUCK = STUCK_DAYS * 86_400_000;

async function start() {
  const { sleep } = virtualRunnerTime(time);
  const policy = { transfers: { stuckAfterDays: days } };
  room = await openTransferRoom(log, { now: time.clock.now, sleep, policy });
}
/** Time passes; the projection and the reactions follow. */
async function pass(ms: number) {
  await room.caughtUp();
  await time.advance(ms);
  await room.caughtUp();
}
const stuckEvents = async () =>
  (await log.readAll(START, 1_000))
    .filter(({ type }) => type === 'TransferStuck')
    .map(({ data }) => data['recordedAt']);

beforeEach(async () => {
  log = createMemoryLog();
  time = createVirtualTime();
  days = STUCK_DAYS;
  await start();
  await submit(room.actors, {
    type: 'receipt',
    sku: 'A',
    location: 'dc',
    quantity: 10,
    occurredAt: '2026-11-22T00:00:00Z',
  });
  await room.open('open', { A: 6 });
  await room.send('1', 'dispatch', { A: 4 });
});

describe('a transfer of which nothing is heard', () => {
  it('is stuck after the time of the policy and not before, and a case with what could be done', async () => {
    const sent = time.now();
    await pass(STUCK - 1);
    expect([await stuckEvents(), room.cases.size]).toEqual([[], 0]);
    await pass(2 * MINUTE);
    const [at] = await stuckEvents();
    expect(Number(at)).toBeGreaterThanOrEqual(sent + STUCK);
    expect(room.cases.get('transfer:t')).toMatchObject({
      kind: 'stuck-transfer',
      subject: { transferId: 't', location: 'store' },
      detail: expect.stringContaining('2 units are set aside, 4 under way, 0 on the way back'),
      units: 6,
      proposals: [expect.stringContaining('dispatch'), expect.stringContaining('receive')],
    });
    await pass(2 * STUCK);
    expect(await stuckEvents()).toHaveLength(1);
  });

  it('is stuck no more when something is heard, and again when nothing is after that', async () => {
    await pass(STUCK + 2 * MINUTE);
    expect(room.cases.size).toBe(1);
    await room.send('2', 'receive', { A: 1 });
    await room.caughtUp();
    expect(room.cases.size).toBe(0);
    await pass(STUCK + 2 * MINUTE);
    expect([(await stuckEvents()).length, room.cases.size]).toEqual([2, 1]);
    await room.send('3', 'cancel');
    await room.send('4', 'receive', { A: 3 });
    await pass(2 * STUCK);
    expect([(await stuckEvents()).length, room.cases.size]).toEqual([2, 0]);
  });

  it('is found by the process that comes after, also when its time passed while none was running', async () => {
    await pass(STUCK / 2);
    await room.close();
    await time.advance(2 * STUCK);
    await start();
    await pass(MINUTE);
    expect([(await stuckEvents()).length, room.cases.size]).toEqual([1, 1]);
    await room.close();
    await start();
    await pass(STUCK);
    expect([(await stuckEvents()).length, room.cases.size]).toEqual([1, 1]);
  });

  it('is judged by the policy of the moment', async () => {
    await room.close();
    days = 3 * STUCK_DAYS;
    await start();
    await pass(3 * STUCK - MINUTE);
    expect(await stuckEvents()).toEqual([]);
    await pass(2 * MINUTE);
    expect(await stuckEvents()).toHaveLength(1);
  });

  it('is retried by asking the stocks for what is owed: nothing is heard by that', async () => {
    await pass(STUCK + 2 * MINUTE);
    const state = { kind: 'stuck-transfer', key: 'transfer:t', subject: { transferId: 't' } } as const;
    const retry = () => room.remedies.of(state)!(state as Parameters<ReturnType<typeof room.remedies.of> & object>[0]);
    expect(await retry()).toMatchObject({ isGone: false });
    await room.send('2', 'receive', { A: 1 });
    expect(await retry()).toMatchObject({ isGone: true });
  });
});
