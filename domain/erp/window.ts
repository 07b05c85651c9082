// Maintenance windows of another system: when it must not be called, as somebody would write it down (days and times of a
// place). Pure: the same instant is inside or outside everywhere.
import { z } from 'zod';
import { type Instant, MINUTE } from '../time.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const TimeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day, such as 01:30')
  .meta({ example: '01:30' });

export const MaintenanceWindow = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1).optional().meta({ description: 'On which days it begins; default: every day' }),
  from: TimeOfDay,
  to: TimeOfDay.meta({ description: 'Exclusive; not later than `from`: on the next day' }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a time zone, such as Europe/Berlin')
    .default('UTC')
    .meta({ description: 'IANA name', example: 'Europe/Berlin' }),
});
export type MaintenanceWindow = z.output<typeof MaintenanceWindow>;

const DAY_MINUTES = 24 * 60;

/** How long `now` is still inside one of the windows, ms; undefined: it is in none. Wrong by a shift of the clocks at most. */
export function leftOfWindow(windows: readonly MaintenanceWindow[], now: Instant): number | undefined {
  let left: number | undefined;
  for (const window of windows) {
    const { day, minute } = localTime(now, window.timeZone);
    const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
    const length = ((to - from + DAY_MINUTES - 1) % DAY_MINUTES) + 1;
    const begins = (dayBack: number) => window.days?.includes(DAYS[(day - dayBack + 7) % 7]!) ?? true;
    for (const dayBack of [0, 1]) {
      const since = minute + dayBack * DAY_MINUTES - from;
      if (since < 0 || since >= length || !begins(dayBack)) continue;
      left = Math.max(left ?? 0, Math.ceil((length - since) * MINUTE));
    }
  }
  return left;
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** Day of the week, 0 for Monday, and the minutes (with a fraction) since midnight. */
function localTime(at: Instant, timeZone: string): { readonly day: number; readonly minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { ...PARTS, timeZone });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = (DAYS as readonly string[]).indexOf(parts['weekday']!.toLowerCase());
  return { day, minute: Number(parts['hour']) * 60 + Number(parts['minute']) + (at % MINUTE) / MINUTE };
}
const PARTS = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
/** Making one takes 50 µs; a policy names a few zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
