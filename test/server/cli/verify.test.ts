// `evenstock verify` over a log that was written by the product, and over one that somebody has altered since.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { systemHashes } from '../../../adapters/platform.ts';
import type { EventLog, RecordedEvent } from '../../../domain/event-log.ts';
import { verifyChain, verifyLevels } from '../../../projections/verify-chain.ts';
import { PROJECTIONS } from '../../../server/projections.ts';
import { verifyStoredProjections } from '../../../server/wiring/log.ts';
import { actorsOver, submit } from '../../support/actors.ts';

async function traded(): Promise<EventLog> {
  const log = createMemoryLog();
  const actors = actorsOver(log);
  for (const sku of ['A', 'B']) {
    await submit(actors, { type: 'receipt', sku, quantity: 10 });
    await submit(actors, { type: 'sale', sku, quantity: 3 });
    await submit(actors, { type: 'count', sku, counted: 6 });
  }
  return log;
}

/** The same log as read by somebody who changed events after they were written. */
function altered(log: EventLog, change: (event: RecordedEvent) => RecordedEvent | undefined): EventLog {
  const all = (events: readonly RecordedEvent[]) => events.flatMap((event) => change(event) ?? []);
  return {
    ...log,
    readAll: async (after, limit) => all(await log.readAll(after, limit)),
    read: async (stream, from, limit) => all(await log.read(stream, from, limit)),
  };
}

describe('the proof of a log', () => {
  it('holds for what the product wrote', async () => {
    const log = await traded();
    expect(await verifyChain(log, systemHashes)).toEqual({ events: 6, streams: 2, unchained: 0, faults: [] });
    expect(await verifyLevels(log, 'stock-A~store-1', 1e12)).toEqual([]);
  });

  it('names an event whose content was altered', async () => {
    const log = altered(await traded(), (event) =>
      event.position === 4n ? { ...event, data: { ...event.data, quantity: 2 } } : event,
    );
    const { faults } = await verifyChain(log, systemHashes);
    expect(faults).toEqual([
      { stream: 'stock-B~store-1', revision: 1, position: 4n, what: 'its content is not what was written' },
    ]);
  });

  it('names the event after one that was taken out', async () => {
    const log = altered(await traded(), (event) => (event.position === 1n ? undefined : event));
    expect((await verifyChain(log, systemHashes)).faults[0]).toMatchObject({
      stream: 'stock-A~store-1',
      revision: 2,
      what: 'revision 2 follows 0',
    });
  });

  it('names an event whose levels do not follow, even if its hashes do', async () => {
    const wrong = (event: RecordedEvent) => ({
      ...event,
      data: { ...event.data, levels: { ...(event.data['levels'] as object), onHand: 8 } },
    });
    const log = altered(await traded(), (event) => (event.position === 1n ? (wrong(event) as RecordedEvent) : event));
    const faults = await verifyLevels(log, 'stock-A~store-1', 1e12);
    expect(faults[0]).toMatchObject({ revision: 1, position: 1n });
    expect(faults[0]!.what).toContain('"onHand":8');
  });

  it('says which projections are not stored', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenstock-verify-'));
    const proof = await verifyStoredProjections(directory, await traded());
    expect(proof.notStored.map(({ name }) => name)).toEqual([
      'stock-levels',
      'source-sequences',
      'velocity',
      ...PROJECTIONS.map(({ name }) => name),
    ]);
    rmSync(directory, { recursive: true });
  });
});
