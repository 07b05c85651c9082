// What policy says about counts: how far a counted figure may lie from what was expected before somebody else than the
// counter must approve it. A part of the policy document (domain/channel/policy.ts).
import { z } from 'zod';

export const CountPolicy = z.strictObject({
  approveAboveUnits: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(5)
    .meta({ description: 'A variance of more units waits for approval, unless it is within the percentage' }),
  approveAbovePercent: z
    .number()
    .min(0)
    .max(100)
    .default(5)
    .meta({ description: 'Of what was expected: a larger variance waits for approval, unless it is within the units' }),
});
export type CountPolicy = z.output<typeof CountPolicy>;

/**
 * Must this variance be approved? Few units are always few, and a small share of many is always small: it waits only if
 * it is above both. @param expected units, below 0 for a stock that is oversold
 */
export function needsApproval(policy: CountPolicy, expected: number, counted: number): boolean {
  const variance = Math.abs(counted - expected);
  if (variance <= policy.approveAboveUnits) return false;
  return variance * 100 > policy.approveAbovePercent * Math.max(0, expected);
}
