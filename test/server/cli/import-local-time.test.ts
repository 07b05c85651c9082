import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfFormat, isTimeZone, localTimeParser } from '../../../server/cli/import/local-time.ts';

const at = (text: string, format: string, zone: string, repeatedHour?: 'first' | 'second') =>
  localTimeParser({ format, zone, repeatedHour })(text);
const utc = (text: string) => ({ at: Date.parse(text) });

describe('local times', () => {
  it.each([
    ['2010-12-01 08:26:00', 'yyyy-MM-dd HH:mm:ss', 'Europe/London', '2010-12-01T08:26:00Z'],
    ['2010-07-01 08:26:00', 'yyyy-MM-dd HH:mm:ss', 'Europe/London', '2010-07-01T07:26:00Z'],
    ['1/12/2010 8:26', 'd/M/yyyy H:mm', 'Europe/London', '2010-12-01T08:26:00Z'],
    ['12/1/2010 8:26 PM', 'M/d/yyyy h:mm a', 'America/New_York', '2010-12-02T01:26:00Z'],
    ['12/1/2010 12:05 am', 'M/d/yyyy h:mm a', 'UTC', '2010-12-01T00:05:00Z'],
    ['12/1/2010 12:05 pm', 'M/d/yyyy h:mm a', 'UTC', '2010-12-01T12:05:00Z'],
    ['01.12.2010', 'dd.MM.yyyy', 'Asia/Kolkata', '2010-11-30T18:30:00Z'],
    ['20101201082600123', 'yyyyMMddHHmmssSSS', 'UTC', '2010-12-01T08:26:00.123Z'],
  ])('reads %s as %s in %s', (text, format, zone, expected) => {
    expect(at(text, format, zone)).toEqual(utc(expected));
  });

  it.each([
    ['2010-12-01', 'is not a time like yyyy-MM-dd HH:mm'],
    ['2010-12-01 08:26 ', 'is not a time like yyyy-MM-dd HH:mm'],
    ['2010-02-29 08:26', 'is a time that does not exist'],
    ['2010-13-01 08:26', 'is a time that does not exist'],
    ['2010-12-01 24:00', 'is a time that does not exist'],
    // Clocks went from 01:00 to 02:00 on 28 March and back from 02:00 to 01:00 on 31 October.
    ['2010-03-28 01:30', 'does not exist in Europe/London: the clocks go forward'],
    ['2010-10-31 01:30', 'exists twice in Europe/London, the clocks go back: set repeatedHour to first or second'],
  ])('refuses %s', (text, error) => {
    expect(at(text, 'yyyy-MM-dd HH:mm', 'Europe/London')).toEqual({ error });
  });

  it('takes the hour that comes twice as it is told', () => {
    const twice = ['2010-10-31 01:30', 'yyyy-MM-dd HH:mm', 'Europe/London'] as const;
    expect(at(...twice, 'first')).toEqual(utc('2010-10-31T00:30:00Z'));
    expect(at(...twice, 'second')).toEqual(utc('2010-10-31T01:30:00Z'));
    expect(at('2010-03-28 01:30', twice[1], twice[2], 'first')).toHaveProperty('error');
  });

  it('refuses an hour that is none on a clock of twelve', () => {
    expect(at('1/1/2010 13:00 pm', 'M/d/yyyy h:mm a', 'UTC')).toEqual({ error: 'has an hour that is not 1 to 12' });
  });

  // Seen failing with the zone ignored, in one of the two places where it is used and in the other.
  it('reads back what a clock in that zone showed, or says that it showed it twice', () => {
    const shown = (instant: number, timeZone: string) => {
      const fields = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
      const format = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', ...fields });
      const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
      return `${part['year']}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']}`;
    };
    const zone = fc.constantFrom('Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
    const anyMinute = fc.integer({ min: Date.UTC(2005, 0) / 60_000, max: Date.UTC(2030, 0) / 60_000 });
    const aroundClocksBack = fc.integer({
      min: Date.UTC(2010, 9, 31) / 60_000,
      max: Date.UTC(2010, 9, 31, 3) / 60_000,
    });
    fc.assert(
      fc.property(fc.oneof(anyMinute, aroundClocksBack), zone, (minute, timeZone) => {
        const instant = minute * 60_000;
        const text = shown(instant, timeZone);
        const read = (repeatedHour?: 'first' | 'second') => at(text, 'yyyy-MM-dd HH:mm', timeZone, repeatedHour);
        if ('at' in read()) {
          expect(read()).toEqual({ at: instant });
          return;
        }
        const twice = [read('first'), read('second')].map((parsed) => ('at' in parsed ? parsed.at : Number.NaN));
        expect(twice).toContain(instant);
        expect(twice[0]).toBeLessThan(twice[1]!);
        expect(twice.map((one) => shown(one, timeZone))).toEqual([text, text]);
      }),
      { numRuns: 400 },
    );
  });

  it('says what is wrong with a format or a zone', () => {
    expect(faultOfFormat('dd/MM HH:mm')).toBe('has no year');
    expect(faultOfFormat('yyyy-MM-dd yyyy')).toBe('has a part twice');
    expect(faultOfFormat('yyyy-MM-dd h:mm')).toBe('needs h and a together');
    expect(faultOfFormat('yyyy-MM-dd HH:mm')).toBeUndefined();
    expect(isTimeZone('Europe/Lundon')).toBe(false);
    expect(isTimeZone('Europe/London')).toBe(true);
  });
});
