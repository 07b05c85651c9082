// The policy routes with every kind of key and with bad input: refused with the reason, and nothing is recorded.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PolicyDocument } from '../../../domain/channel/policy.ts';
import { POLICY_STREAM } from '../../../domain/policy/events.ts';
import { ENTRIES_MAX } from '../../../domain/policy/limits.ts';
import type { PolicyBook } from '../../../server/policy/book.ts';
import type { Processes } from '../../../server/processes.ts';
import { PolicyChanges } from '../../../server/routes/openapi/policy.ts';
import { aPolicyBook } from '../../support/policy-book.ts';
import { KEYS, problemOf, type Shop, shop } from '../support/shop.ts';

const json = { 'content-type': 'application/json' };
const document = { version: '1', locations: [{ id: 'dc' }], channels: [{ id: 'web', locations: ['dc'] }] };

let book: PolicyBook;
let room: Shop;
let recorded: () => Promise<number>;
beforeEach(async () => {
  const opened = await aPolicyBook({ file: PolicyDocument.parse(document) });
  book = opened.book;
  recorded = async () => (await opened.log.read(POLICY_STREAM, 0, 100)).length;
  room = shop({ dependencies: { processes: { policies: book, figuresUnder: () => [] } as unknown as Processes } });
});
afterEach(() => book.close());

const post = (path: string, body: unknown, key: string = KEYS.admin) =>
  room.send('POST', path, { key, headers: json, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('the policy routes', () => {
  const routes: readonly (readonly [string, string, object | undefined])[] = [
    ['GET', '/v1/policy', undefined],
    ['GET', '/v1/policy/history', undefined],
    ['GET', '/v1/policy/versions/1', undefined],
    ['GET', '/v1/policy/versions/1/changes', undefined],
    ['POST', '/v1/policy/plan', { document: { ...document, version: '2' } }],
    ['POST', '/v1/policy', { document: { ...document, version: '2' }, reason: 'x' }],
    ['POST', '/v1/policy/versions/1/cancel', { reason: 'x' }],
  ];
  it.each(routes)('%s %s is for keys with its scope alone', async (method, path, body) => {
    const send = (key: string | null) =>
      room.send(method, path, { key, headers: json, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    expect((await send(null)).status).toBe(401);
    for (const holder of ['writer', 'reader', 'store2', 'market'] as const) {
      expect((await send(KEYS[holder])).status).toBe(403);
    }
    expect(await recorded()).toBe(1);
    expect((await send(KEYS.admin)).status).toBe(path.endsWith('cancel') ? 409 : 200);
  });

  const apply = (change: object) => ({ document: { ...document, version: '2', ...change }, reason: 'x' });
  it.each<readonly [string, unknown, string, string]>([
    ['no reason', { document: { ...document, version: '2' } }, 'invalid-policy', '/reason'],
    ['an empty reason', { ...apply({}), reason: '  ' }, 'invalid-policy', '/reason'],
    [
      'a time without an offset',
      { ...apply({}), effectiveFrom: '2027-01-01T00:00:00' },
      'invalid-policy',
      '/effectiveFrom',
    ],
    ['no version', apply({ version: '' }), 'invalid-policy', '/document/version'],
    ['a line feed in the version', apply({ version: 'a\nb' }), 'invalid-policy', '/document/version'],
    ['a field nobody knows', apply({ bufer: 1 }), 'invalid-policy', '/document/bufer'],
    [
      'a buffer below 0',
      apply({ channels: [{ ...document.channels[0], buffer: -1 }] }),
      'invalid-policy',
      '/document/channels/0/buffer',
    ],
    [
      'lowering by nothing',
      apply({ channels: [{ ...document.channels[0], whenFailing: { decision: 'lower' } }] }),
      'invalid-policy',
      '/document/channels/0/whenFailing',
    ],
    [
      'an unknown owner of commands',
      apply({ ownership: [{ id: 'r', commands: ['sell'], owners: [{ client: 'x' }] }] }),
      'invalid-policy',
      '/document/ownership/0/commands/0',
    ],
    ['a location twice', apply({ locations: [{ id: 'dc' }, { id: 'dc' }] }), 'invalid-policy', '/document/locations/1'],
    ['not JSON', '{', 'invalid-json', ''],
    ['null', null, 'invalid-policy', ''],
  ])('refuse %s', async (_, body, reason, path) => {
    const response = await post('/v1/policy', body);
    const problem = (await problemOf(response)) as { reason: string; errors?: { path: string }[] };
    expect([problem.reason, problem.errors?.[0]?.path]).toEqual([reason, path]);
    expect(response.status).toBeLessThan(500);
    expect(await recorded()).toBe(1);
  });

  it('refuse a document that would take seconds to judge, at once', async () => {
    const many = Array.from({ length: ENTRIES_MAX.channelLocations + 1 }, (_, n) => `l${n}`);
    const startedAt = performance.now();
    const { document: large } = apply({ channels: [{ id: 'web', locations: many }] });
    const response = await post('/v1/policy/plan', { document: large });
    expect(await problemOf(response)).toHaveProperty('errors', [
      { path: '/document/channels/0/locations', rule: 'rule', message: 'has 10001 entries, more than 10000' },
    ]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect((await post('/v1/policy', `"${'x'.repeat(901 * 1024)}"`)).status).toBe(413);
  });

  it('give a page of the history after the other', async () => {
    for (const version of ['2', '3', '4']) await post('/v1/policy', apply({ version }));
    const first = (await (await room.send('GET', '/v1/policy/history?limit=3')).json()) as { next: number };
    expect(first).toMatchObject({ versions: [{ version: '4' }, { version: '3' }, { version: '2' }], next: 1 });
    const rest = await (await room.send('GET', `/v1/policy/history?limit=3&before=${first.next}`)).json();
    expect(rest).toMatchObject({ versions: [{ version: '1', author: 'policy-file' }] });
    expect(rest).not.toHaveProperty('next');
  });

  it('take a version whose name must be escaped', async () => {
    await post('/v1/policy', apply({ version: 'a/b c?' }));
    const response = await room.send('GET', `/v1/policy/versions/${encodeURIComponent('a/b c?')}`);
    expect(await response.json()).toMatchObject({ version: 'a/b c?', state: 'in-force' });
  });

  it('tell what a version says otherwise than the one before it, or than any other', async () => {
    const changes = async (path: string) => (await room.send('GET', `/v1/policy/versions/${path}`)).json();
    expect(PolicyChanges.parse(await changes('1/changes'))).toEqual({ version: '1', changes: [], changesInAll: 0 });
    await post('/v1/policy', apply({ version: '2', duplicateWindowDays: 50 }));
    await post('/v1/policy', apply({ version: '3', duplicateWindowDays: 60 }));
    const days = (before: number, after: number) => ({
      ...{ changes: [{ path: 'duplicateWindowDays', change: 'changed', before, after }], changesInAll: 1 },
    });
    expect(PolicyChanges.parse(await changes('3/changes'))).toMatchObject({
      version: '3',
      since: '2',
      ...days(50, 60),
    });
    expect(await changes('3/changes?since=1')).toMatchObject({ since: '1', ...days(45, 60) });
    expect(await changes('1/changes?since=3')).toMatchObject({ version: '1', since: '3', ...days(60, 45) });
    expect(await changes('3/changes?since=9')).toMatchObject({ reason: 'unknown-policy-version' });
    expect(await changes('9/changes')).toMatchObject({ reason: 'unknown-policy-version' });
  });
});
