// Which events a webhook is told of: by what they are about, and by when they came into the log.
import { expect, it } from 'vitest';
import { bundleWorkflow } from '../../../domain/bundle/workflow.ts';
import { channelStream } from '../../../domain/channel/events.ts';
import { stocktakeWorkflow } from '../../../domain/count/stocktake.ts';
import { erpStream } from '../../../domain/erp/events.ts';
import type { JsonObject } from '../../../domain/event-log.ts';
import { caseWorkflow } from '../../../domain/exception/case-workflow.ts';
import { identifiersStream } from '../../../domain/identifiers/events.ts';
import { inboundStream } from '../../../domain/inbound/events.ts';
import { orderWorkflow } from '../../../domain/order/workflow.ts';
import { POLICY_STREAM } from '../../../domain/policy/events.ts';
import { reconciliationStream } from '../../../domain/reconciliation/events.ts';
import { stockStream } from '../../../domain/stock/stream.ts';
import { transferWorkflow } from '../../../domain/transfer/workflow.ts';
import { EVENT_KINDS, type EventKind } from '../../../domain/webhook/event-kind.ts';
import { webhookStream } from '../../../domain/webhook/events.ts';
import { WebhookPolicy } from '../../../domain/webhook/policy.ts';
import { workflowStream } from '../../../domain/workflow.ts';
import { wantedBy } from '../../../server/webhooks/wanted.ts';

const policy = (more: object) => WebhookPolicy.parse({ id: 'x', url: 'https://x.example', secretEnv: 'X', ...more });
const event = (stream: string, data: JsonObject = { recordedAt: 0 }) => {
  return { id: 'e', type: 'Happened', stream, revision: 0, position: 0n, data, metadata: {} };
};

const STREAMS: Readonly<Record<EventKind, string>> = {
  stock: stockStream('BELL', 's1'),
  bundles: workflowStream(bundleWorkflow, 'x'),
  orders: workflowStream(orderWorkflow, 'x'),
  transfers: workflowStream(transferWorkflow, 'x'),
  publishing: channelStream('shop'),
  cases: workflowStream(caseWorkflow, 'x'),
  policy: POLICY_STREAM,
  counts: workflowStream(stocktakeWorkflow, 'x'),
  reconciliation: reconciliationStream('x'),
  identifiers: identifiersStream('shop'),
  inbound: inboundStream('shop'),
  erps: erpStream('books'),
};

it.each(Object.entries(STREAMS))('%s are those of %s alone', (kind, stream) => {
  const sent = EVENT_KINDS.filter((one) => wantedBy(policy({ kinds: [one] }))(event(stream)));
  expect(sent).toEqual([kind]);
  expect(wantedBy(policy({}))(event(stream))).toBe(true);
});

it('nothing that webhooks write is sent', () => {
  expect(wantedBy(policy({}))(event(webhookStream('y')))).toBe(false);
});

// Seen failing: where only `recordedAt` counts, so that what channels were told before was sent.
it.each(['recordedAt', 'finishedAt', 'askedAt'])('since: what was known before by its %s is not sent', (name) => {
  const wants = wantedBy(policy({ since: '2026-11-23T08:00:00Z' }));
  const at = Date.parse('2026-11-23T08:00:00Z');
  expect(wants(event('channel-shop', { [name]: at - 1 }))).toBe(false);
  expect(wants(event('channel-shop', { [name]: at }))).toBe(true);
});
