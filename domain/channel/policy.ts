// Location and channel policy: which locations a channel sells from and how much of their stock it may show.
// A versioned, validated document; every figure computed under it can name its version.
import { z } from 'zod';
import { type Bundles, compileBundles } from '../bundle/bundles.ts';
import { BundleDefinitions } from '../bundle/definition.ts';
import { CountPolicy } from '../count/policy.ts';
import { ErpPolicies } from '../erp/policy.ts';
import type { CaseKind } from '../exception/cause.ts';
import { OrderPolicy } from '../order/policy.ts';
import { ApiPolicy } from '../policy/api-versions.ts';
import { contradictions } from '../policy/contradictions.ts';
import {
  type CasePolicy,
  casePolicyOf,
  Escalation,
  type EscalationStep,
  escalationFrom,
} from '../policy/escalation.ts';
import { WhenFailing } from '../policy/failing-channel.ts';
import { type OwnedAct, OwnershipRule, ownershipOf, type Sender } from '../policy/ownership.ts';
import { Reconciliation } from '../policy/reconciliation-schedule.ts';
import {
  type RecordSubject,
  type SystemOfRecord,
  SystemOfRecordEntry,
  systemOfRecordOf,
} from '../policy/system-of-record.ts';
import { SignalsPolicy } from '../signals/policy.ts';
import { ChannelId, LocationId, Sku } from '../stock/stream.ts';
import type { StockPolicy } from '../stock/verdict.ts';
import { DAY, MINUTE } from '../time.ts';
import { TransferPolicy } from '../transfer/policy.ts';
import { WebhookPolicies } from '../webhook/policy.ts';
import { Connector } from './connector.ts';
import { FreshnessObjectives } from './freshness.ts';
import { LagPriced } from './lag-price.ts';
import { ChannelMode } from './mode.ts';
import { UnitValues, valueParts } from './unit-values.ts';

const Units = z.int().min(0).max(1_000_000_000);

const Location = z.strictObject({
  id: LocationId,
  name: z.string().max(120).optional(),
  safetyStock: Units.optional().meta({ description: 'Units of every SKU here that no channel shows' }),
});

const Channel = z.strictObject({
  id: ChannelId,
  on: z.boolean().default(true).meta({ description: 'Off: shows 0 of everything' }),
  locations: z.array(LocationId).min(1).meta({ description: 'The pool of locations it sells from' }),
  buffer: Units.default(0).meta({ description: 'Units of each SKU held back from the pool' }),
  lagPriced: LagPriced.optional(),
  percentage: z.int().min(0).max(100).default(100).meta({ description: 'Share of the pool it shows, rounded down' }),
  cap: Units.optional().meta({ description: 'Never shows more than this of one SKU' }),
  quotas: z
    .array(z.strictObject({ sku: Sku, location: LocationId, units: Units.min(1) }))
    .default([])
    .meta({ description: 'Units only this channel may promise; earlier channels in the file come first' }),
  mode: ChannelMode.optional().meta({
    description: 'shadow: compute and compare, publish nothing; default: live',
  }),
  connector: Connector.optional().meta({
    description: 'Where its availability is published; none: it only reads the API',
  }),
  whenFailing: WhenFailing,
});
export type ChannelPolicy = z.output<typeof Channel>;

export const PolicyVersionName = z.string().min(1).max(64);

/**
 * The shape without the rules over the whole document. What is in the log is read with this: it was judged when it was
 * taken, and younger rules must not make a log unreadable.
 */
export const PolicyShape = z.strictObject({
  version: PolicyVersionName,
  skus: z
    .union([z.literal('any'), z.array(Sku).min(1)])
    .default('any')
    .meta({ description: 'Known SKUs, or any' }),
  locations: z.array(Location).min(1),
  channels: z.array(Channel).default([]),
  safetyStock: z
    .array(z.strictObject({ sku: Sku, location: LocationId.optional(), units: Units }))
    .default([])
    .meta({ description: 'Per SKU, or per SKU at one location; the narrower one wins over the location' }),
  duplicateWindowDays: z
    .int()
    .min(1)
    .max(400)
    .default(45)
    .meta({ description: 'How late a fact or its duplicate may arrive' }),
  clockSkewMinutes: z
    .int()
    .min(0)
    .max(1_440)
    .default(10)
    .meta({ description: "How far ahead a source's clock may run" }),
  systemsOfRecord: z
    .array(SystemOfRecordEntry)
    .default([])
    .meta({ description: 'Which system is right in a difference, and what is done; default: evenstock is right' }),
  ownership: z
    .array(OwnershipRule)
    .default([])
    .meta({ description: 'Who may send which commands for which locations and channels' }),
  escalation: Escalation.default({ cases: [], steps: [] }),
  reconciliation: Reconciliation.prefault({}),
  bundles: BundleDefinitions,
  orders: OrderPolicy.prefault({}).meta({ description: 'How orders are sourced and held' }),
  transfers: TransferPolicy.prefault({}).meta({ description: 'When a transfer is stuck' }),
  counts: CountPolicy.prefault({}).meta({ description: 'Which variances of a count must be approved' }),
  signals: SignalsPolicy.optional(),
  unitValues: UnitValues.optional(),
  api: ApiPolicy.optional(),
  freshness: FreshnessObjectives.meta({
    description: 'How soon a channel is to show what changed, by service level objectives',
  }),
  erps: ErpPolicies.optional().meta({ description: 'Which ERPs keep the books' }),
  webhooks: WebhookPolicies.optional().meta({ description: 'Whom Evenstock tells of events by itself' }),
});

export const PolicyDocument = PolicyShape.superRefine((document, context) =>
  contradictions(document, (path, message) => context.addIssue({ code: 'custom', path: [...path], message })),
).meta({ id: 'PolicyDocument' });
export type PolicyDocument = z.output<typeof PolicyDocument>;
export type PolicyDocumentJson = z.input<typeof PolicyDocument>;

/** A policy document made quick to ask. */
export interface Policy {
  readonly document: PolicyDocument;
  readonly version: string;
  readonly channels: readonly ChannelPolicy[];
  readonly bundles: Bundles;
  channel(id: ChannelId): ChannelPolicy | undefined;
  channelsAt(location: LocationId): readonly ChannelPolicy[];
  knowsLocation(location: LocationId): boolean;
  knowsSku(sku: Sku): boolean;
  safetyStock(sku: Sku, location: LocationId): number;
  /** Exclusive quotas of one SKU at one location, in order of precedence. */
  quotas(sku: Sku, location: LocationId): StockPolicy['quotas'];
  stockPolicy(sku: Sku, location: LocationId): StockPolicy;
  /** How long a stock must remember command ids so that no duplicate inside the window is missed, ms. */
  readonly memoryMs: number;
  /** Who is right when this channel's or location's figure differs from ours, and what is done. */
  systemOfRecord(subject: RecordSubject): SystemOfRecord;
  /** The ownership rule that forbids the act to the sender; undefined: it may. */
  notOwner(sender: Sender, act: OwnedAct): string | undefined;
  casePolicy(kind: CaseKind): CasePolicy;
  /** Who is told when `role` is late with a case; undefined: nobody is above it. */
  escalationFrom(role: string): EscalationStep | undefined;
  readonly reconciliation: Reconciliation;
  /** What an oversold unit costs, as a part of the most that one does: (0, 1]. */
  valuePart(sku: Sku): number;
}

export function compilePolicy(document: PolicyDocument): Policy {
  const channels = new Map(document.channels.map((channel) => [channel.id, channel]));
  const byLocation = channelsByLocation(document);
  const atLocation = new Map(document.locations.map(({ id, safetyStock }) => [id, safetyStock ?? 0]));
  const bySku = new Map(document.safetyStock.map((entry) => [`${entry.sku}~${entry.location ?? ''}`, entry.units]));
  const skus = document.skus === 'any' ? undefined : new Set(document.skus);
  const quotas = quotasByStock(document.channels);
  const windowMs = document.duplicateWindowDays * DAY;
  const clockSkewMsMax = document.clockSkewMinutes * MINUTE;
  const policy: Policy = {
    document,
    version: document.version,
    channels: document.channels,
    bundles: compileBundles(document.bundles, document.version),
    channel: (id) => channels.get(id),
    channelsAt: (location) => byLocation.get(location) ?? [],
    knowsLocation: (location) => byLocation.has(location),
    knowsSku: (sku) => skus === undefined || skus.has(sku),
    safetyStock: (sku, location) =>
      bySku.size === 0
        ? (atLocation.get(location) ?? 0)
        : (bySku.get(`${sku}~${location}`) ?? bySku.get(`${sku}~`) ?? atLocation.get(location) ?? 0),
    quotas: (sku, location) => (quotas.size === 0 ? NO_QUOTAS : (quotas.get(`${sku}~${location}`) ?? NO_QUOTAS)),
    stockPolicy: (sku, location) => ({
      safetyStock: policy.safetyStock(sku, location),
      quotas: policy.quotas(sku, location),
      windowMs,
      clockSkewMsMax,
    }),
    memoryMs: windowMs + clockSkewMsMax,
    systemOfRecord: (subject) => systemOfRecordOf(document.systemsOfRecord, subject),
    notOwner: ownershipOf(document.ownership),
    casePolicy: (kind) => casePolicyOf(document.escalation, kind),
    escalationFrom: (role) => escalationFrom(document.escalation, role),
    reconciliation: document.reconciliation,
    valuePart: valueParts(document.unitValues),
  };
  return policy;
}

function channelsByLocation({ locations, channels }: PolicyDocument): ReadonlyMap<string, readonly ChannelPolicy[]> {
  const byLocation = new Map<string, ChannelPolicy[]>(locations.map(({ id }) => [id, []]));
  for (const channel of channels) {
    for (const location of new Set(channel.locations)) byLocation.get(location)?.push(channel);
  }
  return byLocation;
}

const NO_QUOTAS: StockPolicy['quotas'] = [];

function quotasByStock(channels: readonly ChannelPolicy[]): Map<string, { channel: string; quantity: number }[]> {
  const byStock = new Map<string, { channel: string; quantity: number }[]>();
  for (const channel of channels) {
    for (const { sku, location, units } of channel.quotas) {
      const key = `${sku}~${location}`;
      byStock.set(key, [...(byStock.get(key) ?? []), { channel: channel.id, quantity: units }]);
    }
  }
  return byStock;
}
