// What can be asked of an exception case. People send the first kind, and every border parses it; the product itself
// sends the second: what it sees of the cause, that time has passed, and what came of trying again.
import { z } from 'zod';
import { Role } from '../policy/escalation.ts';
import { Id } from '../stock/commands.ts';
import type { Cause } from './cause.ts';

export const Owner = Role.meta({ description: 'A team or a person', example: 'anna@shop' });

/** As `caseId` makes it. */
export const CaseId = z
  .string()
  .regex(/^[a-z-]{1,40}-[0-9a-f]{16}$/, 'must be the id of a case, as a list gave it')
  .meta({ id: 'CaseId', example: 'sequence-gap-cc95b20b2b83342b' });

const TEXT_LENGTH_MAX = 2_000;
const Text = z
  .string()
  .max(TEXT_LENGTH_MAX, `must have at most ${TEXT_LENGTH_MAX} characters`)
  .refine((text) => text.trim() !== '', 'must say something')
  .refine((text) => !/[\p{Cs}]|[^\P{Cc}\t\n]/u.test(text), 'must not have control characters or half characters in it');

const id = Id.meta({ description: 'Command id. The same id is the same intent: its repeats have no effect.' });
function action<const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  return z.strictObject({ id, type: z.literal(type), ...shape });
}

export const CaseCommand = z
  .discriminatedUnion('type', [
    action('assign', { owner: Owner }),
    action('comment', { text: Text }),
    action('retry', {}),
    action('resolve', { resolution: Text.meta({ description: 'What was done' }) }),
    action('dismiss', { reason: Text.meta({ description: 'Why nothing has to be done' }) }),
  ])
  .meta({ id: 'CaseCommand' });
export type CaseCommand = z.output<typeof CaseCommand>;

/** `asOf`: the position of the log up to which this is the last word on the cause, as decimal text. */
interface AsOf {
  readonly asOf?: string | undefined;
}

/** `retried` answers the `retry` with the id `of`. */
export type OwnCaseCommand = { readonly id: string } & (
  | ({ readonly type: 'raise'; readonly cause: Omit<Cause, 'position'>; readonly times: number } & AsOf)
  | ({ readonly type: 'clear' } & AsOf)
  | { readonly type: 'escalate'; readonly level: number }
  | { readonly type: 'retried'; readonly of: string; readonly detail: string }
);

export type AnyCaseCommand = (CaseCommand & AsOf) | OwnCaseCommand;
