// Memory of a resident actor: the heap when all that were asked are resident, less the heap after the same events
// when nearly all have left. The log, which is on the heap too, is the same both times.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
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

const IN_FLIGHT = 50;

async function bytesPerActor(count: number, events: number): Promise<number> {
  await heapWith(count, events, count + 1);
  const few = await heapWith(count, events, IN_FLIGHT);
  const all = await heapWith(count, events, count + 1);
  return (all.bytes - few.bytes) / (all.resident - few.resident);
}

/** The heap with these actors and their log, and nothing of those before them. */
async function heapWith(count: number, events: number, residentMax: number) {
  const log = createMemoryLog();
  const actors = localActors(log, undefined, residentMax);
  for (let n = 0; n < events; n++) await inTurns(count, IN_FLIGHT, (stock) => submitOne(actors, 'receipt', stock));
  const { resident } = actors.stats();
  await new Promise(setImmediate);
  const bytes = heapBytes();
  await actors.close();
  await log.close();
  return { bytes, resident };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is reachable, on the heap and beside it. */
function heapBytes(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
