// Reading back: what the channel shows of some SKUs, and its statement of all, page by page. Seen as it is, drift
// included; and when it cannot be had, never half understood.
import { expect } from 'vitest';
import { CallKind, type FaultsJson } from '../../../adapters/channels/simulator/faults.ts';
import type { StatementReply } from '../../../adapters/channels/statement.ts';
import { asked, type Check, converges, type Patience, type Skip, updatesOf } from './asking.ts';
import { GARBAGE, isEmptyObject } from './bounds.ts';
import type { ChannelRig } from './rig.ts';

const noReadBack: Skip = ({ connector }) =>
  connector.declares.readBack === undefined ? 'it declares no read-back' : undefined;
const noStatement: Skip = ({ connector }) =>
  connector.readStatement === undefined ? 'it has no statement' : undefined;

const readBack = (rig: ChannelRig, skus: readonly string[], patience?: Patience) =>
  asked(rig, (signal) => rig.connector.readBack!(skus, signal), 'readBack', patience);
const statement = (rig: ChannelRig, cursor?: string, patience?: Patience) =>
  asked(rig, (signal) => rig.connector.readStatement!(cursor, signal), 'readStatement', patience);

interface Trouble {
  readonly name: string;
  readonly faults: FaultsJson;
  readonly means: readonly string[];
  readonly twice?: boolean;
}

const TROUBLES: readonly Trouble[] = [
  { name: '429', faults: { kind: 'throttle' }, means: ['later'] },
  { name: '503', faults: { kind: 'unavailable' }, means: ['later'] },
  { name: '500', faults: { kind: 'error' }, means: ['later'] },
  { name: 'reset', faults: { kind: 'reset' }, means: ['later'] },
  { name: 'half an answer', faults: { kind: 'half-answer' }, means: ['later', 'malformed'] },
  { name: 'no answer', faults: { kind: 'timeout' }, means: ['later'] },
  { name: 'JSON that is none', faults: { kind: 'invalid-json' }, means: ['later', 'malformed'] },
  { name: 'no end', faults: { kind: 'endless' }, means: ['later', 'malformed'] },
  { name: '401', faults: { kind: 'unauthorised' }, means: ['denied'], twice: true },
  { name: '403', faults: { kind: 'forbidden' }, means: ['denied'], twice: true },
  { name: 'redirect', faults: { kind: 'redirect' }, means: ['denied'] },
  ...GARBAGE.map(([name, body]) => ({
    name,
    faults: { kind: 'answer', answer: { body } } as const,
    means: ['later', 'malformed', 'denied'],
  })),
];

/** No answer, or none that ends. */
const patienceWith = ({ kind }: FaultsJson): Patience =>
  kind === 'timeout' || kind === 'endless' ? { silentOf: CallKind.options } : {};

const seesWhatIsShown: Check = {
  name: 'read-back: says what is shown, drift too, and leaves out what is not',
  skip: noReadBack,
  async run(rig) {
    const most = Math.min(3, rig.connector.declares.readBack!.batchSizeMax);
    const skus = await rig.seed(most, 6);
    await rig.drift(skus[0]!, 4);
    const reply = await readBack(rig, skus);
    if (reply.kind !== 'shown') throw new Error(`${reply.kind}: ${reply.reason}`);
    expect(Object.fromEntries(reply.units)).toEqual(Object.fromEntries(skus.map((sku, n) => [sku, n === 0 ? 10 : 6])));
    for (const missing of ['NOT-LISTED', ...(rig.unmapped === undefined ? [] : [rig.unmapped])]) {
      const without = await readBack(rig, [missing]);
      if (without.kind !== 'shown') throw new Error(`${without.kind}: ${without.reason}`);
      expect([...without.units]).toEqual([]);
    }
    const updates = await updatesOf(rig, 1, () => 12);
    await converges(rig, updates);
    const after = await readBack(rig, [updates[0]!.sku]);
    expect(after.kind === 'shown' && after.units.get(updates[0]!.sku)).toBe(12);
  },
};

const readsBackMany: Check = {
  name: 'read-back: takes as many at once as it declares',
  skip: noReadBack,
  async run(rig) {
    const skus = await rig.seed(Math.min(1_000, rig.connector.declares.readBack!.batchSizeMax), 6);
    const reply = await readBack(rig, skus);
    expect(reply.kind === 'shown' && [...reply.units.keys()].sort()).toEqual([...skus].sort());
  },
};

const readBackTroubles: Check = {
  name: 'read-back: every fault is later or denied, never a figure',
  skip: noReadBack,
  async run(rig) {
    const skus = await rig.seed(1, 6);
    for (const { name, faults, means, twice } of TROUBLES) {
      rig.setFaults(faults);
      if (twice) await readBack(rig, skus);
      const reply = await readBack(rig, skus, patienceWith(faults));
      const meaning = reply.kind === 'shown' && reply.units.size === 0 ? 'nothing shown' : reply.kind;
      // An empty object may be how a dialect says that it shows nothing of these.
      const allowed = isEmptyObject(name) ? [...means, 'nothing shown'] : means;
      expect(allowed, `${name}: ${JSON.stringify(reply)}`).toContain(meaning);
      // Else it would go on being asked at the same pace.
      if (faults.kind === 'throttle') expect(reply, 'the pace of reading is lowered').toMatchObject({ tooFast: true });
    }
  },
};

async function wholeStatement(rig: ChannelRig): Promise<{ pages: number; rows: Map<string, number> }> {
  const rows = new Map<string, number>();
  let cursor: string | undefined;
  for (let pages = 1; pages <= PAGES_MAX; pages += 1) {
    const page: StatementReply = await statement(rig, cursor);
    if (page.kind !== 'page') throw new Error(`${page.kind}: ${page.reason}`);
    for (const { sku, units } of page.rows) {
      expect(rows.has(sku), `${sku} twice`).toBe(false);
      rows.set(sku, units);
    }
    if (page.next === undefined) return { pages, rows };
    expect(page.next, 'a page that leads to itself').not.toBe(cursor);
    cursor = page.next;
  }
  throw new Error(`more than ${PAGES_MAX} pages`);
}
const PAGES_MAX = 200;

const statementIsWhole: Check = {
  name: 'statement: its pages together are what the channel shows, drift too',
  skip: noStatement,
  async run(rig) {
    if (rig.listingsOfTwoPages === undefined) throw new Error('it has a statement: the rig needs listingsOfTwoPages');
    const before = (await wholeStatement(rig)).rows;
    const skus = await rig.seed(rig.listingsOfTwoPages, 8);
    await rig.drift(skus.at(-1)!, -3);
    const { pages, rows } = await wholeStatement(rig);
    expect(pages).toBeGreaterThan(1);
    expect(rows.size).toBe(before.size + skus.length);
    for (const sku of skus) expect(rows.get(sku), sku).toBe(sku === skus.at(-1) ? 5 : 8);
  },
};

const statementTroubles: Check = {
  name: 'statement: every fault is later, denied or malformed, never a page',
  skip: noStatement,
  async run(rig) {
    await rig.seed(1, 6);
    for (const { name, faults, means, twice } of TROUBLES) {
      rig.setFaults(faults);
      if (twice) await statement(rig);
      const reply = await statement(rig, undefined, patienceWith(faults));
      expect(means, `${name}: ${JSON.stringify(reply).slice(0, 300)}`).toContain(reply.kind);
    }
  },
};

const waits: Check = {
  name: 'reading: hands on how long to wait',
  skip: (rig) => rig.hasNo?.retryAfter ?? (noReadBack(rig) && noStatement(rig)),
  async run(rig) {
    rig.setFaults({ kind: 'throttle', retryAfter: '7' });
    const replies = [
      ...(rig.connector.readBack === undefined
        ? []
        : [await readBack(rig, ['A'].concat(await rig.seed(1, 1)).slice(-1))]),
      ...(rig.connector.readStatement === undefined ? [] : [await statement(rig)]),
    ];
    for (const reply of replies) expect(reply).toMatchObject({ kind: 'later', afterMs: 7_000 });
  },
};

const stops: Check = {
  name: 'reading: stops when it is told to',
  skip: (rig) => noReadBack(rig) && noStatement(rig),
  async run(rig) {
    const skus = await rig.seed(1, 6);
    rig.setFaults({ kind: 'timeout' });
    for (const read of [rig.connector.readBack && readBack, rig.connector.readStatement && statement]) {
      const started = performance.now();
      const told = { timeoutMs: 50 };
      const reply =
        read === readBack ? await readBack(rig, skus, told) : read && (await statement(rig, undefined, told));
      if (reply !== undefined) expect(reply.kind).toBe('later');
      expect(performance.now() - started).toBeLessThan(rig.timeoutMs);
    }
  },
};

export const READING_CHECKS: readonly Check[] = [
  ...[seesWhatIsShown, readsBackMany, readBackTroubles, statementIsWhole, statementTroubles, waits, stops],
];
