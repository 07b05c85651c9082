// A process that is killed in the middle of a transfer: at every append of the transfer and every command to a stock, before
// and after it took effect. The next process goes on by itself, the client repeats what was not answered, and all is as if
// nothing had happened. Seen failing: without the resuming from the projection, and with
// ids of owed commands drawn anew each time.
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { type EventLog, START } from '../../../domain/event-log.ts';
import type { StockActors } from '../../../server/actors/answer.ts';
import { submit } from '../../support/actors.ts';
import { openTransferRoom, type TransferRoom } from '../../support/transfer-room.ts';

type Step = (room: TransferRoom) => ReturnType<TransferRoom['send']>;
const open =
  (units: Record<string, number>): Step =>
  (room) =>
    room.open('open', units);
const tell =
  (...command: Parameters<TransferRoom['send']>): Step =>
  (room) =>
    room.send(...command);
const why = { reason: 'x' };

const LIVES: Readonly<Record<string, readonly Step[]>> = {
  'in parts, over, short and back': [
    open({ A: 4, B: 2 }),
    tell('1', 'dispatch', { A: 4, B: 2 }),
    tell('2', 'receive', { A: 2 }),
    tell('3', 'over', { B: 1 }),
    tell('4', 'short', { B: 1 }, why),
    tell('5', 'reject', { A: 2 }, why),
    tell('6', 'return', { A: 1 }),
    tell('7', 'short', { A: 1 }, { ...why, leg: 'back' }),
    tell('8', 'receive', { B: 1 }),
  ],
  'called off in part': [
    open({ A: 4, B: 2 }),
    tell('1', 'dispatch', { A: 1 }),
    tell('2', 'cancel'),
    tell('3', 'receive', { A: 1 }),
  ],
  'refused for one line': [open({ A: 4, B: 99 })],
};

/** Hangs at the `at`-th effect a transfer has, before it or after it, and for ever from then on. */
function killer(log: EventLog, at: number, when: 'before' | 'after') {
  const { promise: killed, resolve } = Promise.withResolvers<'killed'>();
  let effects = 0;
  const effect = async <T>(work: () => Promise<T>): Promise<T> => {
    effects += 1;
    if (effects < at) return work();
    if (effects === at && when === 'after') await work();
    resolve('killed');
    return new Promise<never>(() => {});
  };
  const transferLog: EventLog = { ...log, append: (...append) => effect(() => log.append(...append)) };
  const stocks = (actors: StockActors) => ({
    submit: (envelope: Parameters<StockActors['submit']>[0]) => effect(() => actors.submit(envelope)),
  });
  return { options: { transferLog, stocks }, killed };
}

async function stocked() {
  const log = createMemoryLog();
  const room = await openTransferRoom(log);
  for (const sku of ['A', 'B'])
    await submit(room.actors, { type: 'receipt', id: `in-${sku}`, sku, location: 'dc', quantity: 10 });
  await room.close();
  return log;
}

/** What every stock's stream says, and how the transfer stands. */
async function outcome(log: EventLog, room: TransferRoom) {
  const streams = new Map<string, unknown[]>();
  for (const { stream, type, data } of await log.readAll(START, 10_000)) {
    if (!stream.startsWith('stock-')) continue;
    const { quantity, levels, commandId } = data;
    streams.set(stream, [...(streams.get(stream) ?? []), [type, quantity, levels, commandId]]);
  }
  const { state } = (await room.transfers.state('t'))!;
  return {
    stocks: [...streams].sort(),
    transfer: [state.status, state.owed.length, [...state.lines.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1))],
  };
}

async function undisturbed(life: readonly Step[]) {
  const log = await stocked();
  const room = await openTransferRoom(log);
  for (const step of life) await step(room);
  const expected = await outcome(log, room);
  await room.close();
  return expected;
}

/** Lives with one kill; false when the life ended before it. */
async function killedAt(life: readonly Step[], at: number, when: 'before' | 'after') {
  const log = await stocked();
  const { options, killed } = killer(log, at, when);
  let room = await openTransferRoom(log, options);
  let wasKilled = false;
  for (const step of life) {
    if ((await Promise.race([step(room), killed])) !== 'killed') continue;
    wasKilled = true;
    room = await openTransferRoom(log);
    const owed = async () => (await room.transfers.state('t'))?.state.owed.length ?? 0;
    // Nobody has asked for it: it is found in the projection.
    for (let n = 0; n < 200 && (await owed()) > 0; n++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await owed()).toBe(0);
    expect(await step(room)).not.toMatchObject({ outcome: 'failed' });
  }
  const ended = await outcome(log, room);
  if (!wasKilled) await room.close();
  return { wasKilled, ended };
}

describe.each(Object.entries(LIVES))('a transfer %s', (_, life) => {
  it.each(['before', 'after'] as const)('is as it would have been, killed %s any of its effects', async (when) => {
    const expected = await undisturbed(life);
    expect(expected.transfer[1]).toBe(0);
    let kills = 0;
    for (let at = 1; ; at++) {
      const { wasKilled, ended } = await killedAt(life, at, when);
      expect(ended, `killed ${when} effect ${at}`).toEqual(expected);
      if (!wasKilled) break;
      kills += 1;
    }
    expect(kills).toBeGreaterThan(life.length * 3);
  });
});
