// `retry` of the cases of an ERP or a webhook, on a node that leaves them to another: nothing is gone because it is not here.
import { expect, it } from 'vitest';
import { noCase } from '../../../domain/exception/case.ts';
import { createRemedies } from '../../../server/cases/remedies.ts';
import { addErpRemedies } from '../../../server/erp/remedies.ts';
import { addWebhookRemedies } from '../../../server/webhooks/remedies.ts';

const remediesWhere = (isKnown: boolean) => {
  const remedies = createRemedies();
  const nobody = { status: () => undefined, retry: () => undefined };
  const webhooks = { status: () => undefined, replay: async () => undefined, resend: async () => undefined };
  const event = { id: 'e', type: 'T', stream: 's', revision: 1, position: 1n, data: {}, metadata: {} };
  addErpRemedies(remedies, nobody, () => isKnown);
  addWebhookRemedies(remedies, { webhooks, isKnown: () => isKnown, log: { read: async () => [event] } });
  return remedies;
};
const CASES = [
  ['breaker-open', 'erp:books'],
  ['poison-message', 'erp:books:tells:x'],
  ['breaker-open', 'webhook:crm'],
  ['poison-message', 'webhook:crm:e'],
] as const;

// Seen failing: where what this process does not know was taken to be out of the policy (an ERP's cases were closed).
it.each(CASES)('%s %s stays while the policy has it', async (kind, key) => {
  const state = { ...noCase('c'), kind, key, subject: { source: key.split(':')[1], event: 's@1' } };
  const tried = async (isKnown: boolean) => remediesWhere(isKnown).of(state)!(state);
  expect(await tried(true)).toMatchObject({ isGone: false, detail: expect.stringContaining('this process') });
  expect(await tried(false)).toMatchObject({ isGone: true, detail: expect.stringContaining('any more') });
});
