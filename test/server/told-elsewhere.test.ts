// What a node leaves alone of a channel that another node tells: the decision on its failing, the case of its silence, and the
// comparisons on a schedule. Each by the one function that does it otherwise.
import { describe, expect, it } from 'vitest';
import type { PublishStatus } from '../../adapters/publishing/status.ts';
import { MINUTE } from '../../domain/time.ts';
import { watchFailingChannels } from '../../server/policy/failing-channels.ts';
import { recheckChannel } from '../../server/policy/silent-channels.ts';
import { startSchedule } from '../../server/reconciliation/schedule.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

type State = PublishStatus['state'];

const status = (state: State) => ({ state, node: 'other', backlog: 0, inFlight: 0 }) as unknown as PublishStatus;

/** A channel that was lowered, and has a case, because it failed: by whichever node told it then. */
async function lookedAt(state: State): Promise<readonly string[]> {
  const time = createVirtualTime();
  const done: string[] = [];
  const terms = { decision: 'lower', afterMinutes: 1, units: 1 } as const;
  const lowering = { channel: 'shop', from: time.now(), to: undefined };
  const watch = watchFailingChannels({
    policies: {
      policy: () => ({ channels: [{ whenFailing: terms }], channel: () => ({ whenFailing: terms }) }),
      history: () => ({ lowerings: [lowering] }),
      change: async ({ type }: { type: string }) => void done.push(type),
      onChange: () => () => {},
    } as never,
    publishing: { channels: ['shop'], status: () => status(state) },
    published: () => ({ channel: () => ({}) }),
    cases: {
      raise: ({ key }) => void done.push(`raised ${key}`),
      cleared: (_, key) => void done.push(`cleared ${key}`),
    },
    knownCases: () => ({ isLasting: () => true, lasting: () => [] as never }),
    ...{ casePatienceMs: MINUTE, clock: time.clock, timers: time.timers },
    logger: { warn() {}, info() {}, error: (_: unknown, text?: string) => void done.push(String(text)) } as never,
  });
  await time.advance(30 * MINUTE);
  await watch.close();
  return done;
}

describe('a channel that another node tells', () => {
  // Seen failing: without the look at where it is told.
  it('stays lowered, and its case open, as far as this node goes', async () => {
    expect(await lookedAt('elsewhere')).toEqual([]);
    expect(await lookedAt('off')).toEqual(expect.arrayContaining(['restore', 'cleared channel:shop']));
  });

  it('is not well because nothing is known of it here', async () => {
    const recheck = (state: State) =>
      recheckChannel(
        { trouble: () => undefined },
        { status: () => status(state) },
      )({
        subject: { channel: 'shop' },
      } as never);
    expect(await recheck('elsewhere')).toEqual({ isGone: false, detail: 'shop is told by other: ask there' });
    expect(await recheck('running')).toMatchObject({ isGone: true });
  });

  it.each([
    [true, 0],
    [false, 1],
  ])('is compared on a schedule by that node (elsewhere: %s)', async (elsewhere, runs) => {
    const time = createVirtualTime();
    const started: string[] = [];
    const end = startSchedule({
      policy: () =>
        ({
          reconciliation: { schedules: [{ channel: 'shop', everyMinutes: 60 }] },
          document: { systemsOfRecord: [] },
        }) as never,
      reconciliations: () => ({ subject: () => undefined }) as never,
      reconciler: {
        isRunning: () => started.length > 0,
        async start({ id }: { id: string }) {
          started.push(id);
          return { outcome: 'started', id } as never;
        },
      },
      readStatementOf: () => (() => Promise.reject(new Error('not read'))) as never,
      readBooks: () => undefined,
      isElsewhere: () => elsewhere,
      cases: { raise() {}, cleared() {} },
      ...{ clock: time.clock, timers: time.timers, troubled: () => started.push('troubled') },
    });
    await time.advance(MINUTE);
    end();
    expect(started).toHaveLength(runs);
  });
});
