// Fault row 17: each thing that a channel does wrong is taken for what it is. What surely was not applied is said to be
// so, what may have been is `unknown`, nothing is confirmed that is not shown, and told again it comes right.
import { expect } from 'vitest';
import type { Reply } from '../../../adapters/channels/channel.ts';
import type { FaultsJson } from '../../../adapters/channels/simulator/faults.ts';
import {
  type Check,
  claims,
  converges,
  type Lane,
  pause,
  type Skip,
  settled,
  tell,
  unanimously,
  updatesOf,
} from './asking.ts';
import type { ChannelRig } from './rig.ts';

interface Row {
  readonly name: string;
  readonly faults: FaultsJson;
  /** Kinds that the whole reply may have, or what it may claim of every update. */
  readonly means: readonly string[];
  /** Told once more before it is judged: a connector may first take a 401 for a token that has ended. */
  readonly twice?: boolean;
  readonly skip?: Check['skip'];
}

const SILENT: ReadonlySet<FaultsJson['kind']> = new Set(['timeout', 'timeout-after-success']);
const LATE_MS = 150;
const NOT_NOW = ['throttled', 'unavailable', 'retryLater', 'unknown'];

const ROWS: readonly Row[] = [
  { name: '429', faults: { kind: 'throttle' }, means: ['throttled'] },
  {
    name: '503 with Retry-After',
    faults: { kind: 'unavailable', retryAfter: '3' },
    means: ['unavailable'],
    skip: ({ hasNo }) => hasNo?.retryAfter,
  },
  { name: '503 that promises nothing', faults: { kind: 'unavailable' }, means: ['unavailable', 'unknown'] },
  { name: '500', faults: { kind: 'error' }, means: ['unknown'] },
  { name: 'connection reset', faults: { kind: 'reset' }, means: ['unknown'] },
  { name: 'half an answer', faults: { kind: 'half-answer' }, means: ['unknown'] },
  { name: 'JSON that is none', faults: { kind: 'invalid-json' }, means: ['unknown'] },
  {
    name: 'a success with errors inside',
    faults: { kind: 'errors-inside' },
    means: NOT_NOW,
    skip: ({ hasNo }) => hasNo?.errorsInside,
  },
  { name: 'no answer', faults: { kind: 'timeout' }, means: ['unknown'] },
  { name: 'timeout after success', faults: { kind: 'timeout-after-success' }, means: ['unknown'] },
  { name: '504 and applied later', faults: { kind: 'late', lateMs: LATE_MS }, means: ['unknown'] },
  { name: '401', faults: { kind: 'unauthorised' }, means: ['denied'], twice: true },
  { name: '403', faults: { kind: 'forbidden' }, means: ['denied'], twice: true },
  { name: 'redirect', faults: { kind: 'redirect' }, means: ['denied'] },
];

const noBulk: Skip = ({ connector }) =>
  connector.declares.bulk === undefined ? 'it declares no bulk lane' : undefined;

function faultCheck(row: Row, lane: Lane): Check {
  return {
    name: `${lane}: takes ${row.name} for what it is, and comes right when told again`,
    skip: (rig) => (lane === 'bulk' ? noBulk(rig) : undefined) ?? row.skip?.(rig),
    async run(rig) {
      const updates = await updatesOf(rig, 3, (n) => 10 + n);
      rig.setFaults({ ...row.faults, on: [lane] });
      const isSilent = SILENT.has(row.faults.kind);
      let reply = await tell(rig, updates, { lane, isSilent });
      if (row.twice) {
        expect(claims(reply, updates)).not.toContain('confirmed');
        reply = await tell(rig, updates, { lane });
      }
      expect(row.means, JSON.stringify(reply)).toContain(meaning(reply, updates));
      if (row.faults.kind === 'late') await pause(2 * LATE_MS);
      await truthful(rig, reply, updates);
      rig.setFaults({});
      await converges(rig, updates, lane);
    },
  };
}

/** The kind of the reply; of one that was answered, what it claims of every update alike. */
function meaning(reply: Reply, updates: Parameters<typeof claims>[1]): string {
  return reply.kind === 'answered' ? unanimously(reply, updates) : reply.kind;
}

/** What is claimed to be shown is, and what is claimed not to have been applied was not. */
async function truthful(rig: ChannelRig, reply: Reply, updates: Parameters<typeof claims>[1]): Promise<void> {
  await settled(rig);
  for (const [n, claim] of claims(reply, updates).entries()) {
    const { sku, units } = updates[n]!;
    if (claim === 'confirmed') expect(rig.shown(sku), `${sku} was confirmed`).toBe(units);
    if (claim === 'refused' || claim === 'retryLater') expect(rig.shown(sku), `${sku} was not applied`).toBe(1);
  }
}

const WAITS: readonly (readonly [retryAfter: string, sane: (afterMs: number | undefined) => boolean])[] = [
  ['7', (ms) => ms === 7_000],
  ['99999999999999999999', (ms) => ms === undefined || ms > 86_400_000],
  ['soon', (ms) => ms === undefined],
  ['-5', (ms) => ms === undefined || ms === 0],
  ['Mon, 01 Jan 2001 00:00:00 GMT', (ms) => ms === 0],
];

const retryAfterCheck: Check = {
  name: 'publish: reads how long to wait: seconds, a date, absurd, in the past, none',
  skip: ({ hasNo }) => hasNo?.retryAfter,
  async run(rig) {
    const updates = await updatesOf(rig, 1, () => 5);
    const wait = async (retryAfter: string) => {
      rig.setFaults({ kind: 'throttle', retryAfter, on: ['publish'] });
      const reply = await tell(rig, updates);
      expect(reply.kind).toBe('throttled');
      return reply.kind === 'throttled' ? reply.afterMs : undefined;
    };
    for (const [retryAfter, sane] of WAITS) {
      const afterMs = await wait(retryAfter);
      expect(sane(afterMs), `Retry-After: ${retryAfter} was read as ${afterMs}`).toBe(true);
    }
    const inAMinute = await wait(new Date(Date.now() + 60_000).toUTCString());
    expect(inAMinute).toBeGreaterThan(50_000);
    expect(inAMinute).toBeLessThanOrEqual(60_000);
  },
};

const nobodyListens: Check = {
  name: 'publish: knows that nothing was sent when nobody listens',
  async run(rig) {
    const updates = await updatesOf(rig, 1, () => 5);
    await rig.close();
    const reply = await tell(rig, updates);
    expect(reply.kind).toBe('unavailable');
  },
};

/** The calls before the one that counts: nothing was told yet, whatever goes wrong. */
const beforehand: Check = {
  name: 'publish: what goes wrong before the call that counts confirms nothing and refuses nothing',
  async run(rig) {
    const kinds = ['throttle', 'error', 'reset', 'invalid-json', 'half-answer', 'unauthorised'] as const;
    const updates = await updatesOf(rig, 2, (n) => 5 + n);
    for (const kind of kinds) {
      rig.setFaults({ kind, on: ['token', 'read'], times: 1 });
      const reply = await tell(rig, updates);
      expect(claims(reply, updates), `${kind}: ${JSON.stringify(reply)}`).not.toContain('refused');
      const confirmed = updates.filter((_, n) => claims(reply, updates)[n] === 'confirmed');
      await settled(rig);
      for (const { sku, units } of confirmed) expect(rig.shown(sku)).toBe(units);
    }
    rig.setFaults({});
    await converges(rig, updates);
  },
};

export const FAULT_CHECKS: readonly Check[] = [
  ...ROWS.flatMap((row) => [faultCheck(row, 'publish'), faultCheck(row, 'bulk')]),
  retryAfterCheck,
  nobodyListens,
  beforehand,
];
