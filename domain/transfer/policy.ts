// What policy says about transfers. Part of the policy document (domain/channel/policy.ts).
import { z } from 'zod';
import { DAY } from '../time.ts';

export const TransferPolicy = z.strictObject({
  stuckAfterDays: z.number().positive().max(365).default(5).meta({
    description: 'An open transfer of which nothing was heard for so long is stuck: somebody must look',
  }),
});
export type TransferPolicy = z.output<typeof TransferPolicy>;

export function stuckAfterMs({ stuckAfterDays }: TransferPolicy): number {
  return stuckAfterDays * DAY;
}
