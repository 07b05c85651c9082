// A policy book over a log, in virtual time.
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemHashes } from '../../adapters/platform.ts';
import type { PolicyDocument } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import { openPolicyBook, type PolicyBook } from '../../server/policy/book.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export const byAnna = { author: 'anna', reason: 'season' };

export interface PolicyBookOptions {
  readonly log?: EventLog;
  readonly file?: PolicyDocument | undefined;
  readonly time?: VirtualTime;
  /** Default: that of `time`. */
  readonly clock?: Clock;
}

export async function aPolicyBook(
  options: PolicyBookOptions = {},
): Promise<{ readonly book: PolicyBook; readonly log: EventLog; readonly time: VirtualTime }> {
  const { log = createMemoryLog(), time = createVirtualTime() } = options;
  const book = await openPolicyBook(
    {
      log,
      clock: options.clock ?? time.clock,
      timers: time.timers,
      hashes: systemHashes,
      random: () => 0.5,
      sleep: time.sleep,
      misfit: () => undefined,
      troubled(error) {
        throw error;
      },
    },
    options.file,
  );
  return { book, log, time };
}
