// Query parameters that several routes share. Text outside, checked and converted inside.
import { z } from 'zod';

/** A position in the log. Decimal text, because a JSON number cannot hold it; parsed by `parsePosition`. */
export const Position = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,19})$/, 'must be a position as a decimal number, as an answer gave it')
  .meta({ id: 'Position', description: 'A place in the event log, as a decimal number', example: '123456' });

/** A whole number in a query. */
export function countTo(max: number, min = 0) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^(?:0|[1-9]\d{0,15})$/, message)
    .transform(Number)
    .refine((n) => n >= min && n <= max, message)
    .meta({ type: 'integer', pattern: undefined, minimum: min, maximum: max });
}

/** true or false in a query. */
export const Flag = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((text) => text === 'true')
  .meta({ type: 'boolean', enum: undefined });
