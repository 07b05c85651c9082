// How the simulated marketplace misbehaves. Switched by its options, and while it runs through its admin address.
import { z } from 'zod';

/** Each is what channels really do; `late` and `timeout-after-success` apply what the caller must think lost. */
export const FaultKind = z.enum([
  'none',
  'throttle',
  'unavailable',
  'error',
  'reset',
  'half-answer',
  'invalid-json',
  'errors-inside',
  'timeout-after-success',
  'late',
  'unauthorised',
  'redirect',
]);
export type FaultKind = z.infer<typeof FaultKind>;

export const Faults = z.strictObject({
  kind: FaultKind.default('none'),
  share: z.number().min(0).max(1).default(1).meta({ description: 'Part of the calls that the fault hits' }),
  latencyMs: z.int().min(0).max(60_000).default(0),
  retryAfter: z.string().max(64).optional().meta({ description: 'Sent as it is with throttle and unavailable' }),
  lateMs: z.int().min(0).max(60_000).default(200).meta({ description: 'How long `late` waits before it applies' }),
  refusedSkus: z.array(z.string()).max(100_000).default([]),
  refuseWholeBatch: z.boolean().default(false).meta({ description: 'Answer 422 to a batch with a refused SKU' }),
});
export type Faults = z.output<typeof Faults>;
export type FaultsJson = z.input<typeof Faults>;
