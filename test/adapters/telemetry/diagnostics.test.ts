// What the SDK complains of reaches the log: short, with its reason, one line a minute.
import { expect, it } from 'vitest';
import { diagnosticsLogger } from '../../../adapters/telemetry/diagnostics.ts';

it('says why, once a minute, and how often it was silent', () => {
  const lines: string[] = [];
  let now = 0;
  const logger = diagnosticsLogger(
    (reason) => lines.push(reason),
    () => now,
  );
  logger.error(JSON.stringify({ stack: 'at secret/place', message: 'connect ECONNREFUSED', name: 'Error' }));
  logger.error('again');
  logger.warn('and again');
  logger.info('not for us');
  now = 60_000;
  logger.error('export failed', new AggregateError([], ''), '{broken');
  expect(lines).toEqual([
    'connect ECONNREFUSED',
    'export failed AggregateError {broken (and 2 more since the last line)',
  ]);
  now = 120_000;
  logger.error('x'.repeat(1_000));
  expect(lines[2]).toHaveLength(300);
});
