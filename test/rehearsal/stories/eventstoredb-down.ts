// docs/playbooks/eventstoredb-down.md
import { type ScriptedEventStoreDb, startEventStoreDb } from '../../support/eventstoredb/server.ts';
import type { Rehearsal } from '../rehearsal.ts';
import { BACKLOG, UNSAID, UP } from '../samples.ts';
import type { World } from '../world.ts';

let database: ScriptedEventStoreDb;
/** Fault row 9. */
const RECOVERED_MS_MAX = 10_000;

/** Until a command of its own is accepted, real ms. */
async function untilAnswered({ url, now, rest }: World): Promise<number> {
  const since = performance.now();
  const probe = { type: 'receipt', id: 'probe', sku: 'PROBE', location: 'warehouse', quantity: 1 };
  for (;;) {
    const body = JSON.stringify({ ...probe, occurredAt: new Date(now()).toISOString() });
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const response = await fetch(`${url}/v1/commands`, sent).catch(() => undefined);
    if (response?.ok) return performance.now() - since;
    await rest(100);
  }
}

export const eventstoredbDown: Rehearsal = {
  name: 'eventstoredb-down',
  title: 'EventStoreDB is down for five minutes',
  minutes: 15,
  speed: 20,
  sales: { tills: 20, web: 8, marketplace: 4 },
  async world() {
    database = await startEventStoreDb();
    const eventLog = database.connectionString.replace('esdb://', 'eventstoredb://');
    return { eventLog, skus: 20, close: () => database.stop() };
  },
  acts: [
    { at: 4, says: 'it takes no connections; reads go on, writes are 503', by: 'fault', do: () => database.stop() },
    {
      at: 9,
      says: 'it is back',
      by: 'fault',
      async do(world) {
        await database.restart();
        void untilAnswered(world).then((ms) => world.note('answered after ms', ms));
      },
    },
  ],
  curves: [UNSAID, BACKLOG, UP],
  checks({ noted }) {
    const ms = noted('answered after ms');
    return [
      {
        what: `commands are answered again within ${RECOVERED_MS_MAX / 1_000} seconds (of the machine, not of the story)`,
        holds: ms > 0 && ms < RECOVERED_MS_MAX,
        found: ms === 0 ? 'not yet' : `${(ms / 1_000).toFixed(1)} s`,
      },
    ];
  },
};
