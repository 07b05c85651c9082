// The environment: defaults, and one message that lists everything that is wrong.
import { expect, test } from 'vitest';
import { ConfigError, isLoopback, readConfig } from '../../server/config.ts';

test('nothing set: embedded log, loopback, 8080', () => {
  expect(readConfig({ PATH: '/bin', PORT: '' })).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    eventLog: { kind: 'embedded', directory: './.evenstock' },
    insecureNoAuth: false,
    api: { bodyBytesMax: 262_144, batchBytesMax: 4_194_304, batchLinesMax: 10_000, readWaitMsMax: 5_000 },
  });
});

test.each([
  ['memory:', { kind: 'memory' }],
  ['embedded:/var/lib/evenstock', { kind: 'embedded', directory: '/var/lib/evenstock' }],
  ['eventstoredb://a:2113?tls=false', { kind: 'eventstoredb', url: 'esdb://a:2113?tls=false' }],
  ['eventstoredb+discover://a', { kind: 'eventstoredb', url: 'esdb+discover://a' }],
  ['esdb://a,b,c', { kind: 'eventstoredb', url: 'esdb://a,b,c' }],
])('EVENT_LOG=%s', (text, target) => {
  expect(readConfig({ EVENT_LOG: text }).eventLog).toEqual(target);
});

test('every wrong variable is listed with what it was and what is allowed', () => {
  const wrong = {
    PORT: '80a80',
    HOST: 'two words',
    EVENT_LOG: 'postgres://user:secret@db',
    LOG_LEVEL: 'loud',
    RATE_PER_SECOND: '0',
    BATCH_LINES_MAX: '1e4',
    EVENSTOCK_INSECURE_NO_AUTH: 'yes',
  };
  let message = '';
  try {
    readConfig(wrong);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    message = (error as Error).message;
  }
  for (const name of Object.keys(wrong)) expect(message).toContain(`  ${name}=`);
  expect(message).toContain('PORT="80a80": must be a whole number from 0 to 65535');
  expect(message).toContain('must be one of fatal, error');
  expect(message).toContain('eventstoredb://<host>');
  expect(message).not.toContain('secret');
  expect(message.split('\n')).toHaveLength(1 + Object.keys(wrong).length);
});

test('limits are read, and a rate may be off', () => {
  const { api } = readConfig({ BODY_BYTES_MAX: '2048', RATE_PER_SECOND: 'off' });
  expect([api.bodyBytesMax, api.rate.perSecond]).toEqual([2_048, Number.POSITIVE_INFINITY]);
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['LOCALHOST', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.example.com', false],
  ['192.168.0.1', false],
])('is %s loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
