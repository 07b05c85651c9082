// `Recent` against a model that copies everything: versions are values (R5), and nothing within the window is forgotten.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyRecent,
  movedAfter,
  type Recent,
  recall,
  recentFromJson,
  recentSize,
  recentToJson,
  remember,
} from '../../../domain/stock/recent.ts';

const WINDOW_MS = 100;

interface Entry {
  readonly revision: number;
  readonly commandId: string;
  readonly occurredAt: number;
  readonly onHandDelta: number;
  readonly recordedAt: number;
}
/** A version and all that ever happened on the way to it. */
interface Version {
  readonly recent: Recent;
  readonly entries: readonly Entry[];
}

/** One command after some version: how many events, how much later, how late it arrives. */
interface Growth {
  readonly parent: number;
  readonly events: number;
  readonly laterMs: number;
  readonly lateMs: number;
  readonly delta: number;
  readonly through: 'memory' | 'json';
}

const growth: fc.Arbitrary<Growth> = fc.record({
  parent: fc.nat(1_000),
  events: fc.integer({ min: 1, max: 2 }),
  laterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 90, max: 110 })),
  lateMs: fc.integer({ min: 0, max: 120 }),
  delta: fc.integer({ min: -5, max: 5 }),
  through: fc.constantFrom('memory', 'memory', 'memory', 'json'),
});

function grown({ recent, entries }: Version, how: Growth, commandId: string): Version {
  const recordedAt = (entries.at(-1)?.recordedAt ?? 1_000) + how.laterMs;
  const made = Array.from({ length: how.events }, (_, n) => ({
    revision: entries.length + n,
    commandId,
    occurredAt: recordedAt - how.lateMs,
    onHandDelta: how.delta,
    recordedAt,
  }));
  const from = how.through === 'json' ? recentFromJson(JSON.parse(JSON.stringify(recentToJson(recent)))) : recent;
  return {
    recent: made.reduce((r, entry) => remember(r, entry, entry.recordedAt, WINDOW_MS), from),
    entries: [...entries, ...made],
  };
}

/** Every version that ever was, the newest ones picked most often, old ones branched from. */
function forest(steps: readonly Growth[]): Version[] {
  const versions: Version[] = [{ recent: emptyRecent(), entries: [] }];
  steps.forEach((step, n) => {
    const back = step.parent % 3 === 0 ? step.parent % versions.length : 0;
    versions.push(grown(versions[versions.length - 1 - back]!, step, `c${n}`));
  });
  return versions;
}

function firstRevisions(entries: readonly Entry[]): Map<string, Entry> {
  const first = new Map<string, Entry>();
  for (const entry of entries) if (!first.has(entry.commandId)) first.set(entry.commandId, entry);
  return first;
}

describe('Recent', () => {
  // Seen failing: `previous` without its own length (a branch of an old version grew what a turned version had kept);
  // `commands.set` that overwrote the first revision of a command with two events; `mine` returning `recent.current`.
  it('gives versions that newer versions and branches never change', () => {
    fc.assert(
      fc.property(fc.array(growth, { maxLength: 40 }), (steps) => {
        const versions = forest(steps);
        const ids = steps.map((_, n) => `c${n}`);
        for (const { recent, entries } of versions) {
          const first = firstRevisions(entries);
          const now = entries.at(-1)?.recordedAt ?? 0;
          for (const id of ids) {
            const entry = first.get(id);
            const found = recall(recent, id);
            if (entry === undefined) expect(found).toBeUndefined();
            else if (now - entry.recordedAt <= WINDOW_MS) expect(found).toBe(entry.revision);
            else expect([entry.revision, undefined]).toContain(found);
          }
          for (const at of [now - WINDOW_MS, now - WINDOW_MS / 2, now - 1, now, now + 1]) {
            const moved = entries.filter((e) => e.occurredAt > at).reduce((sum, e) => sum + e.onHandDelta, 0);
            expect(movedAfter(recent, at)).toBe(moved);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  // Seen failing: turning at `windowMs / 2`.
  it('recalls a command for a whole window whenever the generations turn', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: WINDOW_MS }), { minLength: 1, maxLength: 60 }), (gaps) => {
        let recent = emptyRecent();
        let now = 10_000;
        const recordedAt: number[] = [];
        gaps.forEach((gap, revision) => {
          now += gap;
          recordedAt.push(now);
          recent = remember(
            recent,
            { revision, commandId: `c${revision}`, occurredAt: now, onHandDelta: 1 },
            now,
            WINDOW_MS,
          );
          recordedAt.forEach((at, n) => {
            if (now - at <= WINDOW_MS) expect(recall(recent, `c${n}`)).toBe(n);
          });
        });
      }),
    );
  });

  it('keeps no more than what two windows brought', () => {
    let recent = emptyRecent();
    for (let revision = 0; revision < 5_000; revision++) {
      const now = 10_000 + revision;
      recent = remember(
        recent,
        { revision, commandId: `c${revision}`, occurredAt: now, onHandDelta: 1 },
        now,
        WINDOW_MS,
      );
      expect(recentSize(recent)).toBeLessThanOrEqual(2 * WINDOW_MS);
    }
  });

  // Seen failing: `recentToJson` handing out the live arrays, so a snapshot written later had more movements than ids.
  it('makes JSON that later events do not change', () => {
    const entry = { revision: 0, commandId: 'c0', occurredAt: 5, onHandDelta: 1 };
    const one = remember(emptyRecent(), entry, 5, WINDOW_MS);
    const json = recentToJson(one);
    const text = JSON.stringify(json);
    remember(one, { ...entry, revision: 1, commandId: 'c1' }, 5, WINDOW_MS);
    expect(JSON.stringify(json)).toBe(text);
  });
});
