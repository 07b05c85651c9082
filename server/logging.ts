// The product's own log lines: JSON for machines, one line of text each on a terminal. Never keys or bodies.
import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger };

export function createLogger(level: Config['logLevel'], isTerminal: boolean): Logger {
  if (!isTerminal) return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return pino({ level, base: null }, { write: (line) => void process.stderr.write(`${readable(line)}\n`) });
}

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

function readable(line: string): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as { level: number; time: number; msg?: string };
  const at = new Date(time).toISOString().slice(11, 23);
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [at, (LEVELS[level] ?? '').padEnd(5), msg ?? '', ...fields].join(' ');
}
