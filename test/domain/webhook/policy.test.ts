import { expect, it } from 'vitest';
import { PolicyDocument } from '../../../domain/channel/policy.ts';

const judged = (webhook: object, ...more: object[]) => {
  const one = { id: 'crm', url: 'https://crm.example/events', secretEnv: 'CRM', ...webhook };
  const document = {
    ...{ version: '1', locations: [{ id: 's1' }], channels: [{ id: 'shop', locations: ['s1'] }] },
    webhooks: [one, ...more],
  };
  const { error } = PolicyDocument.safeParse(document);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
};

it('takes what is right', () => {
  expect(judged({})).toEqual([]);
  expect(
    judged({ url: 'http://127.0.0.1:9000/x', kinds: ['stock', 'orders'], locations: ['s1'], channels: ['shop'] }),
  ).toEqual([]);
  expect(judged({ url: 'http://[::1]:9000/x' })).toEqual([]);
});

it.each([
  [{ url: 'http://crm.example/' }, 'webhooks.0.url: must be https'],
  [{ url: 'http://127.0.0.1.evil.example/' }, 'webhooks.0.url: must be https'],
  [{ url: 'http://localhost@evil.example/' }, 'webhooks.0.url: must not hold a user'],
  [{ url: 'https://a:b@crm.example/' }, 'webhooks.0.url: must not hold a user'],
  [{ url: 'ftp://crm.example/' }, 'webhooks.0.url'],
  [{ url: 'https://crm.example/#x' }, 'webhooks.0.url: must not have a fragment'],
  [{ locations: ['s9'] }, 'webhooks.0.locations.0: unknown location s9'],
  [{ channels: ['x'] }, 'webhooks.0.channels.0: unknown channel x'],
  [{ kinds: ['stock', 'stock'] }, 'webhooks.0.kinds.1: stock is listed twice'],
  [{ kinds: ['cases'], locations: ['s1'] }, 'webhooks.0.kinds.0: cases is not sent where'],
  [{ kinds: ['webhooks'] }, 'webhooks.0.kinds.0'],
  [{ secret: 'x' }, 'webhooks.0: '],
])('%j is refused: %s', (webhook, message) => {
  expect(judged(webhook).join('\n')).toContain(message);
});

it('an id stands for one webhook', () => {
  expect(judged({}, { id: 'crm', url: 'https://x.example', secretEnv: 'X' })).toEqual([
    'webhooks.1: crm is defined twice',
  ]);
});
