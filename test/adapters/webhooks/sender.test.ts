// The signature of a message, over HTTP: several secrets while one is replaced, and none that is too weak.
import { expect, it } from 'vitest';
import { systemClock } from '../../../adapters/platform.ts';
import { hostRules } from '../../../adapters/webhooks/hosts.ts';
import { createSender } from '../../../adapters/webhooks/sender.ts';
import { openReceiver, WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const NEXT = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

async function sent(secret: string, known = WEBHOOK_SECRET) {
  const receiver = await openReceiver(known);
  const hosts = hostRules(['127.0.0.1']);
  const sender = createSender({ url: receiver.url, secret: () => secret, hosts, clock: systemClock });
  const outcome = await sender.send({ id: 'e1', body: '{"id":"e1","text":"ü"}' }, new AbortController().signal);
  sender.close();
  await receiver.close();
  return { outcome, receiver };
}

it.each([WEBHOOK_SECRET, NEXT])('while a secret is replaced a message verifies by either', async (known) => {
  const { receiver } = await sent(`${WEBHOOK_SECRET} ${NEXT}`, known);
  expect(receiver.taken).toHaveLength(1);
});

it('a receiver with another secret does not verify it', async () => {
  const { receiver } = await sent(NEXT);
  expect(receiver.unverified).toEqual([expect.stringContaining('No matching signature')]);
});

it.each(['whsec_c2hvcnQ=', 'not base64 at all!', `whsec_${'%'.repeat(40)}`])(
  '%s is no secret, and not said',
  async (secret) => {
    const { outcome, receiver } = await sent(secret);
    expect(outcome).toEqual({ kind: 'denied', reason: 'the secret must be whsec_ and 24 bytes or more in base64' });
    expect(receiver.calls).toEqual([]);
  },
);
