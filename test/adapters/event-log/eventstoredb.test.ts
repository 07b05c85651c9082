// The event log contract on EventStoreDB: against the scripted server always, and against a real one when EVENTSTOREDB_URL is
// set to its connection string. Said out loud when it is not, because then nothing here has met a real server.
import { describe, it } from 'vitest';
import { createEventStoreDbLog } from '../../../adapters/event-log/eventstoredb/log.ts';
import { eventLogContract } from '../../contracts/event-log.ts';
import { startEventStoreDb } from '../../support/eventstoredb/server.ts';

eventLogContract('EventStoreDB (scripted server)', async () => {
  const server = await startEventStoreDb();
  const open = () => createEventStoreDbLog({ connectionString: server.connectionString });
  const log = await open();
  return {
    log,
    reopen: open,
    dispose: async () => {
      await log.close();
      await server.stop();
    },
  };
});

const connectionString = process.env['EVENTSTOREDB_URL'];
if (connectionString === undefined || connectionString === '') {
  console.warn('EVENTSTOREDB_URL is not set: the event log contract was not run against a real EventStoreDB.');
  describe('event log contract: EventStoreDB (real server)', () => {
    it.skip('needs EVENTSTOREDB_URL, for example esdb://localhost:2113?tls=false', () => undefined);
  });
} else {
  eventLogContract('EventStoreDB (real server)', async () => {
    const open = () => createEventStoreDbLog({ connectionString });
    const log = await open();
    return { log, reopen: open, dispose: () => log.close() };
  });
}
