// Bugs in what comes in, planted: the contract sees every one.
import { describe } from 'vitest';
import { wooSignature } from '../../../../adapters/channels/woocommerce/webhook.ts';
import type { InboundCommand, InboundMessage, Poll, PollReply, Webhook } from '../../../../adapters/inbound/inbound.ts';
import { startWooRig, type WooRig } from '../../../adapters/channels/woocommerce/rig.ts';
import type { ChannelRig } from '../rig.ts';
import { type Planted, plantedBug } from './planting.ts';

const woo = () => startWooRig();

const withWebhook = (rig: WooRig, change: (webhook: Webhook) => Partial<Webhook>): ChannelRig => {
  const webhook = rig.inbound!.inbound.webhook!;
  return {
    ...rig,
    inbound: { ...rig.inbound!, inbound: { ...rig.inbound!.inbound, webhook: { ...webhook, ...change(webhook) } } },
  };
};
const withPoll = (rig: WooRig, change: (reply: PollReply, given: string | undefined) => PollReply): ChannelRig => {
  const poll = rig.inbound!.inbound.poll!;
  const planted: Poll = {
    ...poll,
    read: async (watermark, signal) => change(await poll.read(watermark, signal), watermark),
  };
  return { ...rig, inbound: { ...rig.inbound!, inbound: { ...rig.inbound!.inbound, poll: planted } } };
};

const telling = (
  messages: readonly InboundMessage[],
  change: (commands: readonly InboundCommand[]) => readonly InboundCommand[],
) =>
  messages.map((message) =>
    message.meaning.kind === 'commands'
      ? { ...message, meaning: { ...message.meaning, commands: change(message.meaning.commands) } }
      : message,
  );
const translating = (rig: WooRig, change: (commands: readonly InboundCommand[]) => readonly InboundCommand[]) =>
  withWebhook(rig, (webhook) => ({
    async translate(request, signal) {
      const reply = await webhook.translate(request, signal);
      return reply.kind === 'messages' ? { ...reply, messages: telling(reply.messages, change) } : reply;
    },
  }));

let deliveries = 0;
const renamed = (commands: readonly InboundCommand[]) =>
  commands.map(
    (one) => ({ ...one, command: { ...one.command, id: `${one.command.id}-${++deliveries}` } }) as InboundCommand,
  );

const WEBHOOKS: readonly Planted<WooRig>[] = [
  {
    bug: 'believes everything',
    seenBy: 'webhook: only what is genuine',
    says: /flipped/,
    plant: (rig) => withWebhook(rig, () => ({ verify: () => true })),
  },
  {
    bug: 'verifies the body as it writes it itself',
    seenBy: 'webhook: only what is genuine',
    says: /written again|flipped/,
    plant: (rig) =>
      withWebhook(rig, () => ({
        verify({ rawBody, headers }) {
          try {
            const body = JSON.stringify(JSON.parse(new TextDecoder().decode(rawBody)));
            return headers.get('x-wc-webhook-signature') === wooSignature(rig.secrets[2]!, body);
          } catch {
            return false;
          }
        },
      })),
  },
  {
    bug: 'verifies only that there is a signature where it should be',
    seenBy: 'webhook: only what is genuine',
    says: /flipped/,
    plant: (rig) =>
      withWebhook(rig, () => ({
        verify: ({ headers }) => (headers.get('x-wc-webhook-signature') ?? '').length === 44,
      })),
  },
  {
    bug: 'names commands by the delivery',
    seenBy: 'webhook: an order is placed',
    says: /deeply equal|toEqual/,
    plant: (rig) => translating(rig, renamed),
  },
  {
    bug: 'forgets a line',
    seenBy: 'webhook: an order is placed',
    says: /match/,
    plant: (rig) =>
      translating(rig, (commands) =>
        commands.map((one) =>
          one.to === 'order' && one.command.type === 'place'
            ? { ...one, command: { ...one.command, lines: one.command.lines.slice(1) } }
            : one,
        ),
      ),
  },
  {
    bug: 'says only what is new of an order',
    seenBy: 'webhook: what happens to the order',
    says: /is placed/,
    plant: (rig) => translating(rig, (commands) => (commands.length > 1 ? commands.slice(1) : commands)),
  },
  {
    bug: 'has the name of the buyer kept',
    seenBy: 'webhook: what is kept',
    says: /what is kept/,
    plant: (rig) => withWebhook(rig, ({ fields }) => ({ fields: new Set([...fields, 'billing', 'first_name']) })),
  },
  {
    bug: 'does not have all kept that it reads',
    seenBy: 'webhook: what is kept',
    says: /what is kept says/,
    plant: (rig) =>
      withWebhook(rig, ({ fields }) => ({ fields: new Set([...fields].filter((name) => name !== 'quantity')) })),
  },
  {
    bug: 'throws on a body that it does not know',
    seenBy: 'webhook: a body that is not of the contract',
    says: /must never reject/,
    plant: (rig) =>
      withWebhook(rig, (webhook) => ({
        translate(request, signal) {
          JSON.parse(new TextDecoder().decode(request.rawBody));
          return webhook.translate(request, signal);
        },
      })),
  },
];

const POLLS: readonly Planted<WooRig>[] = [
  {
    bug: 'moves its watermark to now',
    seenBy: 'poll: from its watermark',
    says: /is placed/,
    plant: (rig) =>
      withPoll(rig, (reply) =>
        reply.kind === 'page' ? { ...reply, watermark: JSON.stringify([Date.now() + 1_000, 1]) } : reply,
      ),
  },
  {
    bug: 'takes a failure for nothing new',
    seenBy: 'poll: a fault gives no watermark',
    says: /page/,
    plant: (rig) =>
      withPoll(rig, (reply, given) =>
        reply.kind === 'page' ? reply : { kind: 'page', messages: [], watermark: given ?? '[0,1]', more: false },
      ),
  },
  {
    bug: 'has ids of its own for what it polls',
    seenBy: 'inbound: webhook and poll',
    says: /deeply equal|toEqual/,
    plant: (rig) =>
      withPoll(rig, (reply) =>
        reply.kind === 'page' ? { ...reply, messages: telling(reply.messages, renamed) } : reply,
      ),
  },
  {
    bug: 'leaves out an order with a line that nobody mapped',
    seenBy: 'inbound: an order with a line',
    says: /false|unmapped/,
    plant: (rig) =>
      withPoll(rig, (reply) =>
        reply.kind === 'page'
          ? { ...reply, messages: reply.messages.filter(({ meaning }) => meaning.kind !== 'unmapped') }
          : reply,
      ),
  },
];

describe('the contract of channel adapters sees an inbound adapter that', () => {
  for (const planted of [...WEBHOOKS, ...POLLS]) plantedBug(woo, planted);
});
