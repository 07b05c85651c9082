// The Tryton adapter against a real Tryton server: the contract of every ERP, and what is Tryton's own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameIdentifiers } from '../../../../adapters/channels/identifiers.ts';
import { connectTryton } from '../../../../adapters/erp/tryton/tryton.ts';
import { systemClock } from '../../../../adapters/platform.ts';
import { ErpPolicy } from '../../../../domain/erp/policy.ts';
import { aMovement, erpContract } from '../../../contracts/erp.ts';
import { faultProxy } from '../../../support/fault-proxy.ts';
import { DATABASE, hasTryton, PASSWORD, startTryton, type TrytonServer, USER } from './server.ts';

const never = new AbortController().signal;
const connect = (url: string, password = PASSWORD, more: object = {}) =>
  connectTryton({
    policy: ErpPolicy.parse({
      ...{ id: 'books', type: 'tryton', url, database: DATABASE, user: USER, secretEnv: 'ERP' },
      ...{ warnings: ['*.done'], ...more },
    }),
    secret: () => password,
    identifiers: sameIdentifiers,
    clock: systemClock,
  });

describe.skipIf(!hasTryton)('Tryton', () => {
  erpContract('Tryton', async () => {
    const server = await startTryton();
    const proxy = await faultProxy(server);
    const { admin } = server;
    return {
      erp: connect(proxy.url),
      stranger: connect(proxy.url, 'not-the-password-of-anybody'),
      ...{ onHand: admin.onHand, receive: admin.receive },
      count: (sku, location, counted) => admin.count(sku, location, counted),
      lose: (what) => proxy.next('stock.move.do', what === 'call' ? 'lost-before' : 'lost-after'),
      ...{ down: proxy.down, up: proxy.up },
      async close() {
        await proxy.close();
        await server.close();
      },
    };
  });

  describe('its own', () => {
    let server: TrytonServer;
    beforeAll(async () => {
      server = await startTryton();
    }, 120_000);
    afterAll(() => server?.close());

    it('warnings are acknowledged where policy says so, and are refusals elsewhere', async () => {
      const strict = connect(server.url, PASSWORD, { warnings: ['*.effective_date_future'] });
      const reply = await strict.post([aMovement('sale', 'A', 1)], never);
      expect(reply).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/^UserWarning: \w+\.done: .*no origin/),
      });
      expect(await server.admin.drafts()).toBe(0);
      expect(await connect(server.url).post([aMovement('sale', 'A', 1)], never)).toMatchObject({ kind: 'confirmed' });
    });

    it.each(['stock.move.create', 'ir.note.create', 'stock.move.assign', 'stock.move.do'])(
      'a call lost at %s leaves nothing behind that a look-up does not remove',
      async (method) => {
        const proxy = await faultProxy(server);
        const erp = connect(proxy.url);
        for (const fault of ['lost-before', 'lost-after'] as const) {
          const moves = await server.admin.moves();
          const movement = aMovement('found', 'B', 1);
          proxy.next(method, fault);
          expect(await erp.post([movement], never)).toMatchObject({ kind: 'unknown' });
          const found = await erp.lookUp([movement.reference], never);
          const isDone = method === 'stock.move.do' && fault === 'lost-after';
          expect(found).toMatchObject({ kind: 'found' });
          expect('ids' in found && found.ids.size).toBe(isDone ? 1 : 0);
          expect([await server.admin.moves(), await server.admin.drafts()]).toEqual([moves + (isDone ? 1 : 0), 0]);
        }
        expect(proxy.faults).toBe(2);
        await proxy.close();
      },
      60_000,
    );

    it('a session that ended is opened again, and the call made once', async () => {
      const erp = connect(server.url);
      expect(await erp.post([aMovement('found', 'C', 1)], never)).toMatchObject({ kind: 'confirmed' });
      await server.admin
        .call('ir.session.delete', [
          await server.admin.call('ir.session.search', [[['create_uid', '!=', 1]]]).catch(() => []),
        ])
        .catch(() => {});
      await server.stop();
      await server.start();
      expect(await erp.post([aMovement('found', 'C', 1)], never)).toMatchObject({ kind: 'confirmed' });
      expect(await server.admin.onHand('C', 'store-1')).toBe(2);
    }, 60_000);

    it('movements of one way and day are one move with all their references', async () => {
      const erp = connect(server.url);
      const batch = [aMovement('sale', 'D', 1), aMovement('sale', 'D', 2), aMovement('sale', 'E', 1)];
      const moves = await server.admin.moves();
      const reply = await erp.post(batch, never);
      expect('ids' in reply && new Set(reply.ids.values()).size).toBe(2);
      expect(await server.admin.moves()).toBe(moves + 2);
      expect(await server.admin.onHand('D', 'store-1')).toBe(-3);
    });
  });
});
