// Times as files write them (`01/12/2010 08:26` on a clock in London) made into instants. Promise: a time that does
// not exist in its zone, or exists twice and nobody said which, is an error and never a guess.
import type { Instant } from '../../../domain/time.ts';

export interface LocalTimeFormat {
  /** Tokens yyyy M MM d dd H HH h hh mm ss SSS a; everything else stands for itself. */
  readonly format: string;
  /** IANA time zone, such as Europe/London. */
  readonly zone: string;
  /** Which one is meant when clocks go back and an hour comes twice. Without it such a time is an error. */
  readonly repeatedHour?: 'first' | 'second' | undefined;
}

export type ParsedTime = { readonly at: Instant } | { readonly error: string };

type Unit = 'year' | 'month' | 'day' | 'hour' | 'hour12' | 'minute' | 'second' | 'millisecond' | 'half';

const TOKENS: Readonly<Record<string, readonly [unit: Unit, pattern: string]>> = {
  yyyy: ['year', '\\d{4}'],
  MM: ['month', '\\d{2}'],
  M: ['month', '\\d{1,2}'],
  dd: ['day', '\\d{2}'],
  d: ['day', '\\d{1,2}'],
  HH: ['hour', '\\d{2}'],
  H: ['hour', '\\d{1,2}'],
  hh: ['hour12', '\\d{2}'],
  h: ['hour12', '\\d{1,2}'],
  mm: ['minute', '\\d{2}'],
  ss: ['second', '\\d{2}'],
  SSS: ['millisecond', '\\d{3}'],
  a: ['half', '[AaPp][Mm]'],
};
const TOKEN = /yyyy|MM?|dd?|HH?|hh?|mm|ss|SSS|a/g;

/** What is wrong with a format, or undefined. */
export function faultOfFormat(format: string): string | undefined {
  const units = unitsOf(format);
  if (new Set(units).size !== units.length) return 'has a part twice';
  for (const unit of ['year', 'month', 'day'] as const) if (!units.includes(unit)) return `has no ${unit}`;
  if (units.includes('hour12') !== units.includes('half')) return 'needs h and a together';
  if (units.includes('hour12') && units.includes('hour')) return 'has H and h';
  return undefined;
}

export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** A parser for one format; the format and zone must be valid. Remembers its last answer: rows share their times. */
export function localTimeParser(settings: LocalTimeFormat): (text: string) => ParsedTime {
  const pattern = patternOf(settings.format);
  const units = unitsOf(settings.format);
  let last: { readonly text: string; readonly parsed: ParsedTime } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, parsed: parse(text, pattern, units, settings) };
    return last.parsed;
  };
}

function unitsOf(format: string): Unit[] {
  return [...format.matchAll(TOKEN)].map(([token]) => TOKENS[token]![0]);
}

function patternOf(format: string): RegExp {
  let source = '';
  let from = 0;
  for (const { 0: token, index } of format.matchAll(TOKEN)) {
    source += `${RegExp.escape(format.slice(from, index))}(${TOKENS[token]![1]})`;
    from = index + token.length;
  }
  return new RegExp(`^${source}${RegExp.escape(format.slice(from))}$`);
}

function parse(text: string, pattern: RegExp, units: readonly Unit[], settings: LocalTimeFormat): ParsedTime {
  const match = pattern.exec(text);
  if (match === null) return { error: `is not a time like ${settings.format}` };
  const part: Partial<Record<Unit, string>> = {};
  units.forEach((unit, n) => {
    part[unit] = match[n + 1]!;
  });
  const number = (unit: Unit) => Number(part[unit] ?? 0);
  const hour = part.hour12 === undefined ? number('hour') : hourOf(number('hour12'), part.half!.toLowerCase() === 'pm');
  if (hour === undefined) return { error: 'has an hour that is not 1 to 12' };
  try {
    const local = new Temporal.PlainDateTime(
      number('year'),
      number('month'),
      number('day'),
      hour,
      number('minute'),
      number('second'),
      number('millisecond'),
    );
    return inZone(local, settings);
  } catch (error) {
    if (error instanceof RangeError) return { error: 'is a time that does not exist' };
    throw error;
  }
}

function hourOf(hour12: number, isAfternoon: boolean): number | undefined {
  if (hour12 < 1 || hour12 > 12) return undefined;
  return (hour12 % 12) + (isAfternoon ? 12 : 0);
}

function inZone(local: Temporal.PlainDateTime, { zone, repeatedHour }: LocalTimeFormat): ParsedTime {
  const first = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (!first.toPlainDateTime().equals(local)) return { error: `does not exist in ${zone}: the clocks go forward` };
  const second = local.toZonedDateTime(zone, { disambiguation: 'later' });
  if (first.epochMilliseconds !== second.epochMilliseconds && repeatedHour === undefined) {
    return { error: `exists twice in ${zone}, the clocks go back: set repeatedHour to first or second` };
  }
  return { at: (repeatedHour === 'second' ? second : first).epochMilliseconds };
}
