// How figures are written: short enough for a table, exact in the title. Pure, so that it is tested without a browser.

const NUMBER = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,234`; undefined: an en dash. */
export function count(n: number | undefined): string {
  return n === undefined ? '–' : NUMBER.format(n);
}

/** `12.3K` from ten thousand on. */
export function short(n: number | undefined): string {
  return n !== undefined && Math.abs(n) >= 10_000 ? SHORT.format(n) : count(n);
}

const UNITS = [
  [86_400_000, 'd', 3_600_000, 'h'],
  [3_600_000, 'h', 60_000, 'min'],
  [60_000, 'min', 1_000, 's'],
] as const;

/** `340 ms`, `2.4 s`, `5 min 12 s`, `3 h 5 min`, `2 d 4 h`; undefined: an en dash. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  for (const [unit, name, part, partName] of UNITS) {
    if (ms < unit) continue;
    const whole = Math.floor(ms / unit);
    const rest = Math.floor((ms - whole * unit) / part);
    return rest === 0 || whole >= 10 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${partName}`;
  }
  return `${Math.round(ms / 1_000)} s`;
}

/** `2 min ago`. */
export function ago(at: number | string | undefined, now: number): string {
  if (at === undefined) return 'never';
  const ms = now - new Date(at).getTime();
  return ms < 1_000 ? 'just now' : `${duration(Math.floor(ms / 1_000) * 1_000)} ago`;
}

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** In the time zone of who looks: today's without the day. */
export function instant(at: number | string | undefined, now: number): string {
  if (at === undefined) return '–';
  const date = new Date(at);
  return date.toDateString() === new Date(now).toDateString() ? TIME.format(date) : DAY_AND_TIME.format(date);
}

/** `6`, `0.4`, `12K`. */
export function figure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return value >= 10 ? short(Math.round(value)) : String(Number(value.toFixed(value < 1 ? 2 : 1)));
}

/** `6 / s`. */
export function rate(perSecond: number | undefined): string {
  const text = figure(perSecond);
  return text === '–' ? text : `${text} / s`;
}

/** `1 case`, `2 cases`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `partlyFulfilled` → `partly fulfilled`. */
export function spoken(word: string): string {
  return word.replace(/(?!^)[A-Z]/g, ' $&').toLowerCase();
}

/** For a field of date and time, in the time zone of who looks; '': none. */
export function localInput(instant: string | null | undefined): string {
  const at = new Date(instant ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
