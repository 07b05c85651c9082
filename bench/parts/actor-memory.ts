// Memory of a resident actor: the heap with many of them, less the heap after they have left.
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import type { StockActors } from '../../server/actors/answer.ts';
import { figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { inTurns, localActors, submitOne } from '../servers/local-actors.ts';

const EVENTS_PER_STOCK = [1, 10] as const;

export const actorMemory: Part = {
  name: 'actor-memory',
  title: 'Memory of a resident actor',
  async run({ sizes, progress }) {
    const figures = [];
    for (const events of EVENTS_PER_STOCK) {
      progress(`${sizes.residentActors} actors with ${events} events each`);
      const bytes = await bytesPerActor(sizes.residentActors, events);
      const title = `memory of a resident actor with ${events} remembered command${events === 1 ? '' : 's'}`;
      figures.push(figure(`actor-memory.${events}`, title, 'KB', bytes / 1_000));
    }
    return figures;
  },
};

async function bytesPerActor(count: number, events: number): Promise<number> {
  const log = createMemoryLog();
  // In an object, so that letting go of it lets go of everything that holds an actor.
  const held: { actors?: StockActors } = { actors: localActors(log, undefined, count + 1) };
  const submit = (stock: number) => submitOne(held.actors!, 'receipt', stock);
  for (let n = 0; n < events; n++) await inTurns(count, 500, submit);
  const { resident } = held.actors!.stats();
  if (resident !== count) throw new Error(`${resident} of ${count} actors are resident`);
  const withActors = heapBytes();
  await held.actors!.close();
  delete held.actors;
  await new Promise(setImmediate);
  const without = heapBytes();
  await log.close();
  return (withActors - without) / count;
}

/** The part's process runs with --expose-gc. */
export function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
