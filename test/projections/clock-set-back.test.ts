// A clock set back while a subscription is silent (fault rows 10 and 13): it is restarted within the heartbeat all the
// same, not when the clock has caught up with itself. Found by the simulation (seed 18 as it was then).
import { expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { HOUR, MINUTE } from '../../domain/time.ts';
import { superviseSubscription } from '../../projections/supervised-subscription.ts';
import { virtualRunnerTime } from '../support/read-side.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

it('restarts a silent subscription although the clock was set back an hour', async () => {
  // Seen failing with the time since the last event taken from the clock as it is.
  const virtual = createVirtualTime();
  const inner = createMemoryLog();
  let subscribed = 0;
  let aheadMs = 0;
  const log: typeof inner = {
    ...inner,
    subscribe(after, signal) {
      subscribed += 1;
      return subscribed > 1 ? inner.subscribe(after, signal) : silent(signal);
    },
  };
  let position = -1n;
  const { subscription, start } = superviseSubscription({
    log,
    position: () => position,
    async deliver(batch) {
      position = batch.at(-1)!.position;
    },
    time: { ...virtualRunnerTime(virtual), clock: { now: () => virtual.now() + aheadMs } },
    supervision: { heartbeatMs: 10_000, backoffMsBase: 100, backoffMsMax: 20_000 },
    head: -1n,
  });
  start();
  await virtual.advance(1_000);
  await log.append('stock-A~x', -1, [{ id: '1', type: 'T', data: {}, metadata: {} }]);
  aheadMs = -HOUR;
  await virtual.advance(MINUTE);
  expect(position).toBe(0n);
  await Promise.all([subscription.close(), virtual.advance(1_000)]);
});

async function* silent(signal: AbortSignal): AsyncGenerator<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
