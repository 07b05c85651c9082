// What comes in while the log fails: answered as taken only when it is durable, taken once whatever fails, and known for
// ever (fault row 24; at least 7 days are asked for).
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import { Unavailable } from '../../../domain/event-log.ts';
import { DAY } from '../../../domain/time.ts';
import type { Processes } from '../../../server/processes.ts';
import { NOON } from '../../support/actors.ts';
import type { AppendFault } from '../../support/faulty-log.ts';
import { type InboundRoom, openInboundRoom, placed } from '../../support/inbound-room.ts';
import { shop } from '../support/shop.ts';

const opened: InboundRoom[] = [];
async function room(...given: Parameters<typeof openInboundRoom>): Promise<InboundRoom> {
  const one = await openInboundRoom(...given);
  opened.push(one);
  return one;
}
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const until = async (what: string, look: () => boolean | Promise<boolean>) => {
  for (let n = 0; n < 500; n++) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not within 5 s: ${what}`);
};
const waiting = ({ channel }: InboundRoom) => channel.status().waiting;

describe('a webhook while the log is away', () => {
  // Seen failing: with the answer sent before the message was set aside.
  it('is answered 503 with Retry-After over HTTP, leaves nothing, and is taken when it comes again', async () => {
    const log = createMemoryLog();
    const one = await room(log);
    const inbound = { receive: () => one.deliver(placed('1')) };
    const { send } = shop({ dependencies: { processes: { inbound } as unknown as Processes } });
    const head = await log.head();
    one.log.script.push('down', 'down');
    const away = await send('POST', '/v1/hooks/web', { key: null, body: '{}' });
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await log.head()).toBe(head);
    expect((await send('POST', '/v1/hooks/web', { key: null, body: '{}' })).status).toBe(200);
    expect((await one.orders.orders.state('market-1'))?.state.status).not.toBe('new');
  });

  it('is kept when the order cannot be written but the message can, and taken by itself', async () => {
    const one = await room(createMemoryLog());
    one.log.script.push('down');
    expect(await one.deliver(placed('1'))).toBe('taken');
    expect(waiting(one)).toBe(1);
    await until('it is taken', () => waiting(one) === 0);
    expect((await one.orders.orders.state('market-1'))?.state.lines).toMatchObject([{ sku: 'A', quantity: 1 }]);
    expect((await one.events()).map(({ type }) => type)).toEqual(['MessageSetAside', 'MessageSettled']);
  });

  it('an append of unknown outcome is repeated, and is there once', async () => {
    const one = await room(createMemoryLog());
    one.log.script.push('down', 'written');
    expect(await one.deliver(placed('1'))).toBe('taken');
    await until('it is taken', () => waiting(one) === 0);
    expect((await one.events()).filter(({ type }) => type === 'MessageSetAside')).toHaveLength(1);
  });
});

it('what was told a year ago is still known, also to a server that started since', async () => {
  const log = createMemoryLog();
  let now = NOON;
  const first = await room(log, { now: () => now });
  expect(await first.deliver(placed('1'))).toBe('taken');
  await first.orders.caughtUp();
  for (const days of [8, 365]) {
    now = NOON + days * DAY;
    const later = await room(log, { now: () => now });
    const head = await log.head();
    expect(await later.deliver(placed('1'))).toBe('taken');
    expect(await later.deliver({ ...placed('1'), about: 'by another way' })).toBe('taken');
    expect(await log.head()).toBe(head);
  }
});

describe('a poll while the log fails', () => {
  it('does not move its watermark before everything of the page is durable', async () => {
    const one = await room(createMemoryLog(), { polls: true });
    await until('it is polled', () => one.channel.status().poll?.watermark === '0');
    const unmapped = { about: 'order 9', meaning: { kind: 'unmapped', what: 'sku', id: 'x' } } as const;
    one.log.append = async () => {
      throw new Unavailable('down', 'planted');
    };
    one.told.push(unmapped, placed('1'));
    await until('it fails', () => (one.channel.status().poll?.failures ?? 0) >= 2);
    expect(one.channel.status()).toMatchObject({ waiting: 0, poll: { watermark: '0', state: 'failing' } });
    expect((await one.projection()).channel('market').watermark).toBe('0');
  });

  // Seen failing: with the watermark appended before the page was taken, and with `busy` taken for taken.
  it('ends with every order placed once, nothing waiting, and the projection as the stream, whatever fails', async () => {
    const fault: fc.Arbitrary<AppendFault> = fc.constantFrom('none', 'none', 'down', 'lost', 'written', 'conflict');
    const scenario = fc.record({
      faults: fc.array(fault, { maxLength: 25 }),
      told: fc.array(fc.nat(5), { maxLength: 6 }),
      delivered: fc.array(fc.nat(5), { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ faults, told, delivered }) => {
        const log = createMemoryLog();
        const one = await openInboundRoom(log, { polls: true, soleWriter: false });
        try {
          one.log.script.push(...faults);
          one.told.push(...told.map((id) => placed(String(id), id + 1)));
          for (const id of delivered) {
            // A channel tells again what was not taken.
            for (let answer = ''; answer !== 'taken'; )
              answer = await one.deliver(placed(String(id), id + 1)).catch(() => 'failed');
          }
          await until('the poll is through', () => one.channel.status().poll?.watermark === String(told.length));
          await until('nothing waits', () => waiting(one) === 0);
          for (const id of new Set([...told, ...delivered])) {
            const state = (await one.orders.orders.state(`market-${id}`))?.state;
            expect(state?.lines).toMatchObject([{ sku: 'A', quantity: id + 1 }]);
            const events = await log.read(`order-market-${id}`, 0, 1_000);
            expect(events.filter(({ type }) => type === 'OrderPlaced')).toHaveLength(1);
          }
          const folded = (await one.projection()).channel('market');
          expect([folded.watermark, folded.waiting.size]).toEqual([String(told.length), 0]);
        } finally {
          await one.close();
        }
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

it('two servers on one log end with the same intake', async () => {
  const log = createMemoryLog();
  const [a, b] = [
    await room(log, { polls: true, soleWriter: false }),
    await room(log, { polls: true, soleWriter: false }),
  ];
  const unmapped = (id: string) => ({ about: `order ${id}`, meaning: { kind: 'unmapped', what: 'sku', id } }) as const;
  const messages = [placed('1'), unmapped('2'), placed('3'), unmapped('4'), placed('5')];
  a.told.push(...messages);
  b.told.push(...messages);
  await Promise.all([a.deliver(unmapped('2')), b.deliver(unmapped('2'))]);
  await until('both are through', () => [a, b].every(({ channel }) => channel.status().poll?.watermark === '5'));
  await until('both know', () => waiting(a) === 3 && waiting(b) === 3);
  const types = (await a.events()).map(({ type }) => type);
  expect(types.filter((type) => type === 'MessageSetAside')).toHaveLength(3);
});
