// Bugs of publishing, planted in a connector that is well otherwise: the contract sees every one.
import { describe } from 'vitest';
import type { Batch, Reply } from '../../../../adapters/channels/channel.ts';
import { startHttpRig } from '../../../adapters/channels/http/rig.ts';
import { startWooRig, type WooRig } from '../../../adapters/channels/woocommerce/rig.ts';
import { pause } from '../asking.ts';
import type { ChannelRig } from '../rig.ts';
import { allOf, answering, declaring, judging, type Planted, plantedBug, withConnector } from './planting.ts';

const woo = () => startWooRig({ onlySimple: true });
const CONFIRMED = { kind: 'confirmed' } as const;

const FAULTS: readonly Planted<WooRig>[] = [
  {
    bug: 'throws when the connection is reset',
    seenBy: 'publish: takes connection reset',
    says: /must never reject/,
    plant: (rig) =>
      answering(rig, (reply) => {
        if (reply.kind === 'unknown') throw new Error(reply.reason);
        return reply;
      }),
  },
  {
    bug: 'calls a timeout a refusal',
    seenBy: 'publish: takes timeout after success',
    says: /\[ 'unknown' \]|"unknown"|to include/,
    plant: (rig) =>
      answering(rig, (reply) => (reply.kind === 'unknown' ? { kind: 'batchRefused', reason: reply.reason } : reply)),
  },
  {
    bug: 'calls a timeout "not applied"',
    seenBy: 'publish: takes no answer',
    says: /unavailable/,
    plant: (rig) =>
      answering(rig, (reply) => (reply.kind === 'unknown' ? { kind: 'unavailable', reason: reply.reason } : reply)),
  },
  {
    bug: 'takes the status 200 alone for a confirmation',
    seenBy: 'publish: takes half an answer',
    says: /confirmed/,
    plant: (rig) => answering(rig, (reply, skus) => (reply.kind === 'unknown' ? allOf(skus, CONFIRMED) : reply)),
  },
  {
    bug: 'does not see the errors inside a success',
    seenBy: 'publish: takes a success with errors inside',
    says: /confirmed/,
    plant: (rig) => judging(rig, () => CONFIRMED),
  },
  {
    bug: 'finds an update at fault where the credentials are',
    seenBy: 'publish: takes 401',
    says: /batchRefused/,
    plant: (rig) =>
      answering(rig, (reply) => (reply.kind === 'denied' ? { kind: 'batchRefused', reason: reply.reason } : reply)),
  },
  {
    bug: 'does not say how long to wait',
    seenBy: 'publish: reads how long to wait',
    says: /Retry-After: 7/,
    plant: (rig) => answering(rig, (reply) => (reply.kind === 'throttled' ? { kind: 'throttled' } : reply)),
  },
  {
    bug: 'takes a closed port for an unknown outcome',
    seenBy: 'publish: knows that nothing was sent',
    says: /unknown/,
    plant: (rig) =>
      answering(rig, (reply) => (reply.kind === 'unavailable' ? { kind: 'unknown', reason: reply.reason } : reply)),
  },
];

const CLAIMS: readonly Planted<WooRig>[] = [
  {
    bug: 'confirms what was refused',
    seenBy: 'isolation: one bad update',
    says: /confirmed/,
    plant: (rig) => judging(rig, (outcome) => (outcome.kind === 'refused' ? CONFIRMED : outcome)),
  },
  {
    bug: 'refuses all for one bad update',
    seenBy: 'isolation: one bad update',
    says: /refused/,
    plant: (rig) =>
      answering(rig, (reply, skus) => {
        if (reply.kind !== 'answered') return reply;
        const bad = [...reply.outcomes.values()].find(({ kind }) => kind === 'refused');
        return bad === undefined ? reply : allOf(skus, bad);
      }),
  },
  {
    bug: 'gives a reason of its own instead of the code',
    seenBy: 'isolation: one bad update',
    says: /cannot_edit/,
    plant: (rig) =>
      judging(rig, (outcome) => (outcome.kind === 'refused' ? { kind: 'refused', reason: 'failed' } : outcome)),
  },
  {
    bug: 'adds instead of setting',
    seenBy: 'values: a repeat changes nothing',
    says: /confirmed|toEqual|deeply equal/,
    plant: (rig) =>
      withConnector(rig, {
        publish(batch, signal) {
          const updates = batch.updates.map(({ sku, units }) => ({ sku, units: units + (rig.shown(sku) ?? 0) }));
          return rig.connector.publish({ ...batch, updates }, signal);
        },
      }),
  },
  {
    bug: 'makes a call for each update',
    seenBy: 'batch: as many as declared',
    says: /one batch is one call/,
    plant: (rig) => withConnector(rig, { publish: oneByOne(rig) }),
  },
  {
    bug: 'declares more at once than the channel takes',
    seenBy: 'batch: as many as declared',
    says: /entity_too_large/,
    plant: (rig) => declaring(rig, { batchSizeMax: 101 }),
  },
  {
    bug: 'says that all goes together, and leaves some for later',
    seenBy: 'batch: what it says goes together',
    says: /retryLater/,
    plant: (rig) => declaring(withConnector(rig, { publish: firstAlone(rig) }), { together: (skus) => skus }),
  },
  {
    bug: 'asks the channel about what nobody mapped',
    seenBy: 'identifiers: a SKU that nobody mapped',
    says: /nobody was asked/,
    plant: (rig) =>
      withConnector(rig, {
        async publish(batch, signal) {
          await rig.connector.readStatement?.(undefined, signal);
          return rig.connector.publish(batch, signal);
        },
      }),
  },
  {
    bug: 'declares compare-and-set and overwrites',
    seenBy: 'compare-and-set',
    says: /retryLater/,
    plant: (rig) => ({
      ...declaring(rig, { compareAndSet: true }),
      race: (sku, units) => rig.drift(sku, units - rig.shown(sku)!),
    }),
  },
  {
    bug: 'declares compare-and-set, and its test has no hand to check it',
    seenBy: 'compare-and-set',
    says: /needs race/,
    plant: (rig) => declaring(rig, { compareAndSet: true }),
  },
  {
    bug: 'declares a bulk lane that it has not',
    seenBy: 'declaration: is whole',
    says: /publishBulk exactly/,
    plant: (rig) => declaring(rig, { bulk: { batchSizeMax: 10_000, concurrency: 1, settlesMsMax: 1_000 } }),
  },
  {
    bug: 'only accepts, and cannot be read back',
    seenBy: 'declaration: is whole',
    says: /counts as lost|read back/,
    plant: (rig) => declaring(rig, { acknowledgement: 'accepted' }),
  },
];

function oneByOne({ connector }: ChannelRig) {
  return async (batch: Batch, signal: AbortSignal): Promise<Reply> => {
    const outcomes = new Map();
    for (const update of batch.updates) {
      const reply = await connector.publish({ ...batch, updates: [update] }, signal);
      if (reply.kind !== 'answered') return reply;
      for (const [sku, outcome] of reply.outcomes) outcomes.set(sku, outcome);
    }
    return { kind: 'answered', outcomes };
  };
}

function firstAlone({ connector }: ChannelRig) {
  return async (batch: Batch, signal: AbortSignal): Promise<Reply> => {
    const [first, ...others] = batch.updates;
    const reply = await connector.publish({ ...batch, updates: [first!] }, signal);
    if (reply.kind !== 'answered') return reply;
    const outcomes = new Map(reply.outcomes);
    for (const { sku } of others) outcomes.set(sku, { kind: 'retryLater', afterMs: 0 });
    return { kind: 'answered', outcomes };
  };
}

const WHOLE_WAY: readonly Planted<WooRig>[] = [
  {
    bug: 'tells each batch ten times to be sure, beyond the pace',
    seenBy: 'publishing: converges',
    says: /rate × window/,
    plant: (rig) =>
      withConnector(rig, {
        async publish(batch, signal) {
          const replies = Array.from({ length: 10 }, () => rig.connector.publish(batch, signal));
          return (await Promise.all(replies))[0]!;
        },
      }),
  },
  {
    bug: 'sends a batch once more, when newer ones are out',
    seenBy: 'publishing: converges',
    says: /older value|toEqual|deeply equal|rate × window/,
    plant: (rig) =>
      withConnector(rig, {
        publish(batch, signal) {
          void pause(400).then(() => rig.connector.publish(batch, AbortSignal.timeout(1_000)));
          return rig.connector.publish(batch, signal);
        },
      }),
  },
];

describe('the contract of channel adapters sees a connector that', () => {
  for (const planted of [...FAULTS, ...CLAIMS, ...WHOLE_WAY]) plantedBug(woo, planted);
  plantedBug(startHttpRig, {
    bug: 'sends an old value under a new version',
    seenBy: 'order: an older version',
    says: /confirmed/,
    plant(rig) {
      let versions = 1_000_000n;
      return withConnector(rig, {
        publish: (batch, signal) => rig.connector.publish({ ...batch, version: ++versions }, signal),
      });
    },
  });
});
