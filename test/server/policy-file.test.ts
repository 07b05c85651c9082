// A policy is adopted once under its version; what a newer build adds by default does not make it another policy.
// Seen failing: with the stored document compared as it is (a start after an upgrade is refused).
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { compilePolicy, PolicyDocument } from '../../domain/channel/policy.ts';
import type { JsonObject } from '../../domain/event-log.ts';
import { adoptPolicy, POLICY_STREAM } from '../../server/policy-file.ts';

const clock = { now: () => Date.UTC(2026, 10, 23) };
const policyOf = (buffer: number) =>
  compilePolicy(
    PolicyDocument.parse({
      version: 'v1',
      locations: [{ id: 'store-1' }],
      channels: [{ id: 'web', locations: ['store-1'], buffer }],
    }),
  );
const adopt = (log: ReturnType<typeof createMemoryLog>, buffer = 1) =>
  adoptPolicy(policyOf(buffer), log, clock, systemHashes);
const adoptions = async (log: ReturnType<typeof createMemoryLog>) => (await log.read(POLICY_STREAM, 0, 10)).length;

describe('adopting the policy of a file', () => {
  it('records it once', async () => {
    const log = createMemoryLog();
    await adopt(log);
    await adopt(log);
    expect(await adoptions(log)).toBe(1);
  });

  it('takes one that an older build adopted, before there were fields with a default, for the same', async () => {
    const written = createMemoryLog();
    await adopt(written);
    const [event] = await written.read(POLICY_STREAM, 0, 1);
    const { escalation: _, ...document } = event!.data['document'] as JsonObject;
    const log = createMemoryLog();
    await log.append(POLICY_STREAM, -1, [{ ...event!, data: { ...event!.data, document } }]);
    await adopt(log);
    expect(await adoptions(log)).toBe(1);
  });

  it('refuses other content under the same version', async () => {
    const log = createMemoryLog();
    await adopt(log);
    await expect(adopt(log, 2)).rejects.toThrow('policy version v1 was adopted before with other content (policy@0)');
  });
});
