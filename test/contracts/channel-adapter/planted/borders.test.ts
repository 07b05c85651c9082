// Bugs at the borders of an adapter, planted: what it reads, how it stops, what it gives away.
import { describe } from 'vitest';
import type { StatementReply } from '../../../../adapters/channels/statement.ts';
import { startWooRig, type WooRig } from '../../../adapters/channels/woocommerce/rig.ts';
import { pause } from '../asking.ts';
import type { ChannelRig } from '../rig.ts';
import { allOf, answering, type Planted, plantedBug, withConnector } from './planting.ts';

const woo = () => startWooRig({ onlySimple: true });

const BOUNDS: readonly Planted<WooRig>[] = [
  {
    bug: 'takes an answer that it cannot read for a confirmation',
    seenBy: 'garbage: whatever a success says',
    says: /confirmed/,
    plant: (rig) =>
      answering(rig, (reply, skus) => (reply.kind === 'unknown' ? allOf(skus, { kind: 'confirmed' }) : reply)),
  },
  {
    bug: 'refuses all on an answer that it cannot read',
    seenBy: 'garbage: whatever a success says',
    says: /refused/,
    plant: (rig) =>
      answering(rig, (reply) => (reply.kind === 'unknown' ? { kind: 'batchRefused', reason: 'garbage' } : reply)),
  },
  {
    bug: 'goes on when it is told to stop',
    seenBy: 'abort: a call ends',
    says: /went on/,
    plant: (rig) =>
      withConnector(rig, { publish: (batch) => rig.connector.publish(batch, new AbortController().signal) }),
  },
  {
    bug: 'reads an answer to its end, whatever its length',
    seenBy: 'size: an answer without an end',
    says: /read until it was stopped|went on/,
    plant: (rig) =>
      withConnector(rig, {
        async publish(batch, signal) {
          const { url } = rig.vendorChannel.connector;
          const headers = { authorization: `Basic ${rig.secrets.at(-1)}` };
          const body = JSON.stringify({ update: batch.updates.map(({ sku }) => ({ id: rig.idOf(sku) })) });
          const init = { method: 'POST', headers, body, signal };
          return fetch(`${url}/wp-json/wc/v3/products/batch`, init)
            .then((response) => response.text())
            .then(
              () => ({ kind: 'unknown', reason: 'read' }) as const,
              () => ({ kind: 'unknown', reason: 'stopped' }) as const,
            );
        },
      }),
  },
  {
    bug: 'hands on what the channel wrote as it is',
    seenBy: 'reasons: are short',
    says: /false|500/,
    plant: (rig) => answering(rig, () => ({ kind: 'unknown', reason: `it said \u001b[31m${'x'.repeat(600)}` })),
  },
  {
    bug: 'says with which key it was not let in',
    seenBy: 'secrets: none stands in a reason',
    says: /ck_/,
    plant: (rig) =>
      answering(rig, (reply) =>
        reply.kind === 'denied' ? { ...reply, reason: `${reply.reason} for ${rig.secrets[0]}` } : reply,
      ),
  },
];

type Read = NonNullable<ChannelRig['connector']['readStatement']>;
const reading = (rig: ChannelRig, change: (read: Read) => Read): ChannelRig =>
  withConnector(rig, { readStatement: change(rig.connector.readStatement!) });
const NOTHING: StatementReply = { kind: 'page', rows: [], asOf: undefined, next: undefined };

const READING: readonly Planted<WooRig>[] = [
  {
    bug: 'reads the first page of a statement alone',
    seenBy: 'statement: its pages together',
    says: /toBeGreaterThan|greater than|to be/,
    plant: (rig) =>
      reading(rig, (read) => async (cursor, signal) => {
        const page = await read(cursor, signal);
        return page.kind === 'page' ? { ...page, next: undefined } : page;
      }),
  },
  {
    bug: 'says what it told instead of what is shown',
    seenBy: 'statement: its pages together',
    says: /5|8/,
    plant: (rig) =>
      reading(rig, (read) => async (cursor, signal) => {
        const page = await read(cursor, signal);
        return page.kind === 'page' ? { ...page, rows: page.rows.map((row) => ({ ...row, units: 8 })) } : page;
      }),
  },
  {
    bug: 'takes what it cannot read for a channel that shows nothing',
    seenBy: 'statement: every fault',
    says: /page/,
    plant: (rig) =>
      reading(rig, (read) => async (cursor, signal) => {
        const page = await read(cursor, signal);
        return page.kind === 'malformed' ? NOTHING : page;
      }),
  },
  {
    bug: 'reads back from its own memory',
    seenBy: 'read-back: says what is shown',
    says: /deeply equal|toEqual/,
    plant: (rig) => readingBack(rig, (_, told) => told),
  },
  {
    bug: 'says 0 of what is not shown there',
    seenBy: 'read-back: says what is shown',
    says: /deeply equal|toEqual/,
    plant: (rig) => readingBack(rig, (shown) => shown ?? 0),
  },
  {
    bug: 'does not say that it was asked too fast',
    seenBy: 'read-back: every fault',
    says: /tooFast/,
    plant: (rig) =>
      withConnector(rig, {
        declares: { ...rig.connector.declares, readBack: { batchSizeMax: 100, concurrency: 1 } },
        readBack: () => Promise.resolve({ kind: 'later', reason: 'HTTP 429', afterMs: 7_000 }),
      }),
  },
  {
    bug: 'reads on when it is told to stop',
    seenBy: 'reading: stops',
    says: /less than|went on/,
    plant: (rig) =>
      reading(rig, (read) => async (cursor, signal) => {
        await pause(rig.timeoutMs);
        return read(cursor, signal);
      }),
  },
];

function readingBack(
  rig: WooRig,
  unitsOf: (shown: number | undefined, told: number | undefined) => number | undefined,
): ChannelRig {
  return withConnector(rig, {
    declares: { ...rig.connector.declares, readBack: { batchSizeMax: 100, concurrency: 1 } },
    readBack(skus) {
      const units = new Map<string, number>();
      for (const sku of skus) {
        const shown = sku.startsWith('SKU-') ? rig.shown(sku) : undefined;
        const known = unitsOf(shown, shown === undefined ? undefined : 6);
        if (known !== undefined) units.set(sku, known);
      }
      return Promise.resolve({ kind: 'shown', units });
    },
  });
}

describe('the contract of channel adapters sees an adapter that', () => {
  for (const planted of [...BOUNDS, ...READING]) plantedBug(woo, planted);
});
