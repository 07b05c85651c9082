// Opening, completing and cancelling take many appends: whichever of them fails or is the last of a process, the next
// process goes on and nothing is missing or doubled.
import { describe, expect, it } from 'vitest';
import { START } from '../../../domain/event-log.ts';
import { stocktakeTally } from '../../../projections/stocktakes.ts';
import { type CountWorld, countWorld, ID } from '../../properties/counts/world.ts';
import type { AppendFault } from '../../support/faulty-log.ts';

const FAULTS: readonly AppendFault[] = ['down', 'lost', 'written', 'conflict'];
const NTH = [0, 1, 2, 3, 4];
const PLACES = FAULTS.flatMap((fault) => NTH.map((others) => [others, fault] as const));

/** How often each kind of event is in the streams of stocktakes. */
async function kinds(world: CountWorld): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { stream, type } of await world.log.readAll(START, 10_000)) {
    if (stream.startsWith('stocktake-')) sums[type] = (sums[type] ?? 0) + 1;
  }
  return sums;
}

describe.each(PLACES)('when append %i from now is %s', (others, fault) => {
  it('a stocktake is opened whole by the next process', async () => {
    const world = await countWorld((log) =>
      log.script.push(...Array.from({ length: others }, () => 'none' as const), fault),
    );
    await world.heal();
    // One that was refused outright is not there: the client sends it again.
    await world.open();
    expect(await kinds(world)).toEqual({ StocktakeOpened: 1, StocktakeStarted: 1, SheetOpened: 3 });
    expect((await world.rows()).stocktake(ID)).toMatchObject({ status: 'counting' });
    expect(stocktakeTally((await world.rows()).stocktake(ID)!)).toMatchObject({ expected: 600 });
  });

  it.each(['complete', 'cancel'] as const)('%s comes to its end in the next process', async (type) => {
    const world = await countWorld();
    world.tick();
    await world.move('A', 20, world.at(2));
    await world.count('A', 20, world.at(1));
    world.fail(fault, others);
    const command = { id: 'end', type, ...(type === 'complete' && { uncounted: 'leave' as const }) } as const;
    await world.process.counts.end(ID, command as { type: 'cancel'; id: string }, { source: 'anna' });
    await world.heal();
    await world.process.counts.end(ID, command as { type: 'cancel'; id: string }, { source: 'anna' });
    const status = type === 'complete' ? 'completed' : 'cancelled';
    expect((await world.rows()).stocktake(ID)).toMatchObject({ status });
    expect(await kinds(world)).toMatchObject({ SheetClosed: 3, LinesCounted: 1, CountsRecorded: 1 });
  });
});

describe('a repeat', () => {
  it('of a command whose every append fails once has its effect once', async () => {
    const world = await countWorld();
    world.tick();
    await world.move('A', 20, world.at(2));
    const command = { type: 'count', id: 'c', lines: [{ sku: 'A', quantity: 19, countedAt: world.at(1) }] } as const;
    for (const fault of FAULTS) {
      world.fail(fault, 0);
      await world.process.counts.lines(ID, { ...command, lines: [...command.lines] }, { source: 'anna' });
    }
    await world.heal();
    const answer = await world.process.counts.lines(ID, { ...command, lines: [...command.lines] }, { source: 'anna' });
    expect(answer).toMatchObject({ duplicate: true, settled: true, lines: [{ status: 'applied' }] });
    expect(await kinds(world)).toMatchObject({ LinesCounted: 1, CountsRecorded: 1 });
  });
});
