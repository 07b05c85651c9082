import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { eventLogContract } from '../../contracts/event-log.ts';

eventLogContract('memory', async () => {
  const log = createMemoryLog();
  return { log, dispose: () => log.close() };
});
