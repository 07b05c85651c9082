// Values as Tryton's JSON-RPC writes them: dates, times (UTC) and decimals are objects with a class.
import { z } from 'zod';
import type { Instant } from '../../../domain/time.ts';

export const TrytonDate = z.object({ __class__: z.literal('date'), year: z.int(), month: z.int(), day: z.int() });
export const TrytonTime = z.object({
  __class__: z.literal('datetime'),
  year: z.int(),
  month: z.int(),
  day: z.int(),
  hour: z.int(),
  minute: z.int(),
  second: z.int(),
  microsecond: z.int(),
});
export type TrytonTime = z.output<typeof TrytonTime>;

/** The day of `at` in a time zone. */
export function dateOf(at: Instant, timeZone: string): z.output<typeof TrytonDate> {
  // Sweden writes dates as ISO does.
  const [year, month, day] = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at).split('-').map(Number);
  return { __class__: 'date', year: year!, month: month!, day: day! };
}

/** The last millisecond of a day in UTC, which is at most 14 hours off in any zone. */
export function endOfDay({ year, month, day }: z.output<typeof TrytonDate>): Instant {
  return Date.UTC(year, month - 1, day + 1) - 1;
}

export function decimal(text: string) {
  return { __class__: 'Decimal', decimal: text };
}

export function instantOf({ year, month, day, hour, minute, second, microsecond }: TrytonTime): Instant {
  return Date.UTC(year, month - 1, day, hour, minute, second, Math.floor(microsecond / 1_000));
}

/** Microseconds matter: a page may end between two records of one millisecond. */
export function timeText(time: TrytonTime): string {
  const { year, month, day, hour, minute, second, microsecond } = time;
  return [year, month, day, hour, minute, second, microsecond].join('-');
}

export function timeOf(text: string): TrytonTime | undefined {
  const parts = text.split('-').map(Number);
  const [year, month, day, hour, minute, second, microsecond] = parts;
  const parsed = TrytonTime.safeParse({
    ...{ __class__: 'datetime', year, month, day, hour, minute, second, microsecond },
  });
  return parts.length === 7 && parsed.success ? parsed.data : undefined;
}

export function timeAt(at: Instant): TrytonTime {
  const date = new Date(at);
  return {
    __class__: 'datetime',
    ...{ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() },
    ...{ hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds() },
    microsecond: date.getUTCMilliseconds() * 1_000,
  };
}
