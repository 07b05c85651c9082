// How a simulated channel misbehaves, whatever its dialect: fault row 17 and a little more. Switched by its options, and
// while it runs by `setFaults` or its admin address.
import { z } from 'zod';

/**
 * Each is what channels really do. `late`, `timeout-after-success`, `half-answer` and `invalid-json` apply what the caller
 * must think lost; the others apply nothing.
 */
export const FaultKind = z.enum([
  'none',
  'throttle',
  'unavailable',
  'error',
  'reset',
  'half-answer',
  'invalid-json',
  'errors-inside',
  'timeout',
  'timeout-after-success',
  'late',
  'unauthorised',
  'forbidden',
  'redirect',
  'endless',
  'answer',
]);
export type FaultKind = z.infer<typeof FaultKind>;

/** What a call is for. Each dialect says so of its addresses; where one takes all, of what stands in the call. */
export const CallKind = z.enum(['publish', 'bulk', 'read', 'orders', 'token']);
export type CallKind = z.infer<typeof CallKind>;

export const Faults = z.strictObject({
  kind: FaultKind.default('none'),
  share: z.number().min(0).max(1).default(1).meta({ description: 'Part of the calls that the fault hits' }),
  times: z.int().min(1).optional().meta({ description: 'How many calls it hits; then it is over' }),
  on: z
    .array(CallKind)
    .default(['publish', 'bulk', 'read', 'orders'])
    .meta({ description: 'Which calls it hits; default: all but those for a token' }),
  latencyMs: z.int().min(0).max(60_000).default(0),
  retryAfter: z.string().max(64).optional().meta({ description: 'Sent as it is with throttle and unavailable' }),
  lateMs: z.int().min(0).max(60_000).default(200).meta({ description: 'How long `late` waits before it applies' }),
  answer: z
    .strictObject({
      status: z.int().min(200).max(599).default(200),
      body: z.string().max(1_000_000),
      headers: z.record(z.string(), z.string()).default({}),
    })
    .default({ status: 200, body: '', headers: {} })
    .meta({ description: 'What `answer` answers instead of doing anything' }),
  refusedSkus: z.array(z.string()).max(100_000).default([]),
  refuseWholeBatch: z.boolean().default(false).meta({ description: 'Refuse the whole of a batch with a refused SKU' }),
});
export type Faults = z.output<typeof Faults>;
export type FaultsJson = z.input<typeof Faults>;
