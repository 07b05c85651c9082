// /v1/cases with every kind of key and with bad input. What cases do is in ../product/cases.test.ts.
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import type { Cause } from '../../../domain/exception/cause.ts';
import { createDesk } from '../../../server/cases/desk.ts';
import { createRemedies } from '../../../server/cases/remedies.ts';
import type { Processes } from '../../../server/processes.ts';
import { GAP } from '../../support/case-story.ts';
import { type CasesNode, casesOver } from '../../support/cases-node.ts';
import { KEYS, problemOf, type Shop, shop } from '../support/shop.ts';

const OVERSOLD: Cause = {
  kind: 'shortfall',
  key: 'stock:A~store-2',
  subject: { sku: 'A', location: 'store-2' },
  detail: 'oversold',
};
const REFUSED: Cause = {
  kind: 'refused-publish',
  key: 'channel:market:sku:A',
  subject: { sku: 'A', channel: 'market' },
  detail: 'no',
};

let node: CasesNode;
let room: Shop;
let ids: { gap: string; oversold: string; refused: string };
beforeEach(async () => {
  const log = createMemoryLog();
  node = await casesOver(log);
  for (const cause of [GAP, OVERSOLD, REFUSED]) node.sink.raise(cause);
  await node.sink.settled();
  const { workflows, cases, folded, sink, time } = node;
  const desk = createDesk({ workflows, remedies: createRemedies(), cases, folded, sink, head: () => log.head() });
  const capability = { submit: desk.submit, reader: cases, state: workflows.state, now: time.clock.now, rejected() {} };
  room = shop({ log, dependencies: { processes: { cases: capability } as unknown as Processes } });
  const found = await node.inLog();
  const idOf = ({ key }: Cause) => found.find((one) => one.key === key)!.id;
  ids = { gap: idOf(GAP), oversold: idOf(OVERSOLD), refused: idOf(REFUSED) };
});
afterEach(() => node.close());

const send = (method: string, path: string, body?: object, key: string = KEYS.admin) =>
  room.send(method, path, {
    key,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
const comment = { id: 'c-1', type: 'comment', text: 'hello' };
const listed = async (key: string, query = '') => {
  const body = (await (await send('GET', `/v1/cases${query}`, undefined, key)).json()) as { cases: { id: string }[] };
  return body.cases.map(({ id }) => id).sort();
};

describe('every route × every key', () => {
  test.each([
    ['GET', (): string => '/v1/cases', undefined],
    ['GET', (): string => `/v1/cases/${ids.oversold}`, undefined],
    ['POST', (): string => `/v1/cases/${ids.oversold}/commands`, comment],
    ['POST', (): string => '/v1/cases/commands', { cases: ['drift-0123456789abcdef'], command: comment }],
  ] as const)('%s %s', async (method, path, body) => {
    const statuses = [];
    for (const key of [KEYS.admin, KEYS.store2, KEYS.writer, KEYS.reader, KEYS.market])
      statuses.push((await send(method, path(), body, key)).status);
    expect(statuses).toEqual([200, 200, 403, 403, 403]);
    expect((await room.send(method, path(), { key: null, ...(body && { body: JSON.stringify(body) }) })).status).toBe(
      401,
    );
  });

  it('shows a key that is limited to a location what is about it, and nothing else', async () => {
    expect(await listed(KEYS.admin)).toEqual([ids.gap, ids.oversold, ids.refused].sort());
    expect(await listed(KEYS.store2)).toEqual([ids.oversold]);
    expect((await send('GET', `/v1/cases/${ids.gap}`, undefined, KEYS.store2)).status).toBe(403);
    expect((await send('POST', `/v1/cases/${ids.refused}/commands`, comment, KEYS.store2)).status).toBe(403);
    const bulk = { cases: [ids.oversold, ids.gap, 'drift-0123456789abcdef'], command: comment };
    const answer = (await (await send('POST', '/v1/cases/commands', bulk, KEYS.store2)).json()) as {
      results: object[];
    };
    expect(answer.results).toMatchObject([
      { case: ids.oversold, outcome: 'accepted', status: 'open' },
      { case: ids.gap, outcome: 'refused', reason: 'forbidden' },
      { outcome: 'refused', reason: 'unknown-case' },
    ]);
    expect((await node.inLog()).filter(({ comments }) => comments > 0).map(({ id }) => id)).toEqual([ids.oversold]);
  });
});

describe('bad input', () => {
  test.each([
    ['?status=closed', 'status'],
    ['?kind=bug', 'kind'],
    ['?severity=urgent', 'severity'],
    ['?owner=a b', 'owner'],
    ['?limit=0', 'limit'],
    ['?olderThanMinutes=-1', 'olderThanMinutes'],
    ['?cursor=x', 'cursor'],
    ['?overdue=maybe', 'overdue'],
    ['?oldest=true', 'oldest'],
  ])('GET /v1/cases%s is a 400 that names it', async (query, field) => {
    const response = await send('GET', `/v1/cases${query}`);
    expect([response.status, (await problemOf(response)).reason]).toEqual([400, 'invalid-parameter']);
    expect(JSON.stringify(await (await send('GET', `/v1/cases${query}`)).json())).toContain(`"path":"${field}"`);
  });

  test.each([
    ['an unknown case', 'drift-0123456789abcdef', comment, 404, 'unknown-case'],
    ['no id of a case', '..%2F..', comment, 400, 'invalid-parameter'],
    ['an unknown command', undefined, { id: 'x', type: 'close' }, 422, 'invalid-command'],
    ['a command of our own', undefined, { id: 'x', type: 'clear' }, 422, 'invalid-command'],
    ['an owner with a space', undefined, { id: 'x', type: 'assign', owner: 'a b' }, 422, 'invalid-command'],
    ['an empty comment', undefined, { ...comment, text: ' ' }, 422, 'invalid-command'],
    ['a field nobody knows', undefined, { ...comment, by: 'me' }, 422, 'invalid-command'],
    ['a retry that nobody can do', undefined, { id: 'x', type: 'retry' }, 409, 'not-retryable'],
  ])('%s', async (_, id, body, status, reason) => {
    const head = await room.log.head();
    const response = await send('POST', `/v1/cases/${id ?? ids.gap}/commands`, body);
    expect([response.status, (await problemOf(response)).reason]).toEqual([status, reason]);
    expect(await room.log.head()).toBe(head);
  });

  test.each([
    ['no cases', { cases: [], command: comment }],
    ['a case twice', { cases: ['drift-0123456789abcdef', 'drift-0123456789abcdef'], command: comment }],
    [
      'too many',
      { cases: Array.from({ length: 501 }, (_, n) => `drift-${n.toString(16).padStart(16, '0')}`), command: comment },
    ],
    ['no command', { cases: ['drift-0123456789abcdef'] }],
  ])('a bulk with %s is a 422', async (_, body) => {
    expect((await send('POST', '/v1/cases/commands', body)).status).toBe(422);
  });

  it('a closed case refuses what is not a comment, and the same command id again is its first answer', async () => {
    const path = `/v1/cases/${ids.gap}/commands`;
    const resolve = { id: 'r-1', type: 'resolve', resolution: 'found' };
    expect((await send('POST', path, resolve)).status).toBe(200);
    expect(await (await send('POST', path, resolve)).json()).toMatchObject({
      duplicate: true,
      case: { status: 'resolved' },
    });
    const refused = await send('POST', path, { id: 'a-1', type: 'assign', owner: 'anna' });
    expect([refused.status, (await problemOf(refused)).reason]).toEqual([409, 'case-closed']);
    expect((await send('POST', path, comment)).status).toBe(200);
  });
});
