// The contract that every channel adapter takes whole, against its vendor's simulator: all of fault row 17, what its
// declaration claims, reading back, what comes in, and the real publisher over it. What an adapter does not have is
// skipped only where its declaration says so, and printed. docs/how-to/write-an-adapter.md shows how to take it.
import { afterAll, describe, it } from 'vitest';
import type { Check } from './channel-adapter/asking.ts';
import { BOUND_CHECKS } from './channel-adapter/bounds.ts';
import { FAULT_CHECKS } from './channel-adapter/faults.ts';
import { POLL_CHECKS } from './channel-adapter/poll.ts';
import { PUBLISHING_CHECKS } from './channel-adapter/publishing.ts';
import { READING_CHECKS } from './channel-adapter/reading.ts';
import type { ChannelRig } from './channel-adapter/rig.ts';
import { VALUE_CHECKS } from './channel-adapter/values.ts';
import { WEBHOOK_CHECKS } from './channel-adapter/webhook.ts';

export const CHECKS: readonly Check[] = [
  ...FAULT_CHECKS,
  ...VALUE_CHECKS,
  ...BOUND_CHECKS,
  ...READING_CHECKS,
  ...WEBHOOK_CHECKS,
  ...POLL_CHECKS,
  ...PUBLISHING_CHECKS,
];

/** `start` gives a fresh simulator and a fresh connector for every check. */
export function channelAdapterContract(name: string, start: () => Promise<ChannelRig>): void {
  describe(`channel adapter contract: ${name}`, () => {
    const skipped = new Map<string, string[]>();
    for (const check of CHECKS) {
      it(check.name, { timeout: 60_000 }, async ({ skip }) => {
        const rig = await start();
        try {
          const reason = check.skip?.(rig);
          if (reason === undefined) return await check.run(rig);
          skipped.set(reason, [...(skipped.get(reason) ?? []), check.name]);
          skip(reason);
        } finally {
          await rig.close();
        }
      });
    }
    afterAll(() => {
      for (const [reason, names] of skipped) {
        process.stdout.write(`contract of ${name}: ${names.length} skipped, ${reason}:\n  ${names.join('\n  ')}\n`);
      }
    });
  });
}
