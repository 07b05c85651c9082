// Rules over the whole policy document, beyond the shape of its fields: what it names must be there, nothing is said
// twice, no part contradicts another. Every break is told with its place; a document with one is taken not at all.
import { type BundleDefinition, bundleIssues, stocklessIssues } from '../bundle/definition.ts';
import { type FreshnessObjective, freshnessIssues } from '../channel/freshness.ts';
import { type UnitValues, unitValueIssues } from '../channel/unit-values.ts';
import { type ErpPolicy, erpIssues } from '../erp/policy.ts';
import { checkOrderPolicy, type OrderPolicy } from '../order/policy.ts';
import { type SignalsPolicy, signalsIssues } from '../signals/policy.ts';
import { type WebhookPolicy, webhookIssues } from '../webhook/policy.ts';
import { type ApiPolicy, apiIssues } from './api-versions.ts';
import { type Escalation, escalationIssues } from './escalation.ts';
import { type Issue, issuesAt, unique } from './issue.ts';
import { withinLimits } from './limits.ts';
import { type OwnershipRule, ownershipIssues } from './ownership.ts';
import { type Reconciliation, reconciliationIssues } from './reconciliation-schedule.ts';
import { type SystemOfRecordEntry, systemOfRecordIssues } from './system-of-record.ts';

interface StockUnits {
  readonly sku: string;
  readonly location?: string | undefined;
  readonly units: number;
}

interface JudgedChannel {
  readonly id: string;
  readonly locations: readonly string[];
  readonly cap?: number | undefined;
  readonly quotas: readonly (StockUnits & { readonly location: string })[];
}

/** The parts of the document that rules look at. */
export interface JudgedDocument {
  readonly version: string;
  readonly skus: 'any' | readonly string[];
  readonly locations: readonly { readonly id: string }[];
  readonly channels: readonly JudgedChannel[];
  readonly safetyStock: readonly StockUnits[];
  readonly systemsOfRecord: readonly SystemOfRecordEntry[];
  readonly ownership: readonly OwnershipRule[];
  readonly escalation: Escalation;
  readonly reconciliation: Reconciliation;
  readonly bundles: readonly BundleDefinition[];
  readonly orders: OrderPolicy;
  readonly signals?: SignalsPolicy | undefined;
  readonly erps?: readonly ErpPolicy[] | undefined;
  readonly webhooks?: readonly WebhookPolicy[] | undefined;
  readonly unitValues?: UnitValues | undefined;
  readonly api?: ApiPolicy | undefined;
  readonly freshness?: readonly FreshnessObjective[] | undefined;
}

export function contradictions(document: JudgedDocument, issue: Issue): void {
  if (!withinLimits(document, issue)) return;
  if (/\p{Cc}/u.test(document.version)) issue(['version'], 'must not have control characters');
  const { locations, channels, safetyStock, escalation, reconciliation, systemsOfRecord, ownership } = document;
  const locationIds = new Set(locations.map(({ id }) => id));
  const channelIds = new Set(channels.map(({ id }) => id));
  const skus = document.skus === 'any' ? undefined : new Set(document.skus);
  const known = {
    knowsChannel: (id: string) => channelIds.has(id),
    knowsLocation: (id: string) => locationIds.has(id),
    knowsSku: (sku: string) => skus === undefined || skus.has(sku),
  };
  unique(locations, issuesAt(['locations'], issue));
  unique(channels, issuesAt(['channels'], issue));
  for (const [c, channel] of channels.entries()) channelIssues(channel, known, issuesAt(['channels', c], issue));
  unique(safetyStock.map(stockKey), issuesAt(['safetyStock'], issue));
  safetyStock.forEach(({ sku, location }, n) => {
    if (location !== undefined && !known.knowsLocation(location)) {
      issue(['safetyStock', n, 'location'], `unknown location ${location}`);
    }
    if (!known.knowsSku(sku)) issue(['safetyStock', n, 'sku'], `unknown SKU ${sku}`);
  });
  bundleIssues(document.bundles, known.knowsSku, issuesAt(['bundles'], issue));
  stocklessIssues(safetyStock, document.bundles, issuesAt(['safetyStock'], issue));
  for (const [c, { quotas }] of channels.entries())
    stocklessIssues(quotas, document.bundles, issuesAt(['channels', c, 'quotas'], issue));
  systemOfRecordIssues(systemsOfRecord, known, issuesAt(['systemsOfRecord'], issue));
  ownershipIssues(ownership, known, issuesAt(['ownership'], issue));
  escalationIssues(escalation, issuesAt(['escalation'], issue));
  checkOrderPolicy(document.orders, locationIds, channelIds, issue);
  reconciliationIssues(reconciliation, known.knowsChannel, issuesAt(['reconciliation'], issue));
  signalsIssues(document.signals, known.knowsLocation, issuesAt(['signals', 'locations'], issue));
  unitValueIssues(document.unitValues, known.knowsSku, issuesAt(['unitValues', 'skus'], issue));
  freshnessIssues(document.freshness, known.knowsChannel, issuesAt(['freshness'], issue));
  erpIssues(document.erps, known.knowsLocation, issuesAt(['erps'], issue));
  webhookIssues(document.webhooks, known, issuesAt(['webhooks'], issue));
  apiIssues(document.api, issuesAt(['api', 'versions'], issue));
}

interface Known {
  readonly knowsLocation: (id: string) => boolean;
  readonly knowsSku: (sku: string) => boolean;
}

function channelIssues({ id, locations, cap, quotas }: JudgedChannel, known: Known, issue: Issue): void {
  locations.forEach((location, n) => {
    if (!known.knowsLocation(location)) issue(['locations', n], `unknown location ${location}`);
    if (locations.indexOf(location) !== n) issue(['locations', n], `${location} is listed twice`);
  });
  const promised = new Map<string, number>();
  quotas.forEach(({ sku, location, units }, n) => {
    if (!locations.includes(location)) issue(['quotas', n, 'location'], `${location} is not in the pool of ${id}`);
    if (!known.knowsSku(sku)) issue(['quotas', n, 'sku'], `unknown SKU ${sku}`);
    const sum = (promised.get(sku) ?? 0) + units;
    promised.set(sku, sum);
    // Units kept from all others that this channel may never show would be sold by nobody.
    if (cap !== undefined && sum > cap)
      issue(['quotas', n, 'units'], `quotas of ${sku} come to ${sum}, above cap ${cap}`);
  });
  unique(quotas.map(stockKey), issuesAt(['quotas'], issue));
}

/** Two entries of one stock: the later would silently win, or a quota's used part count twice. */
function stockKey({ sku, location }: Pick<StockUnits, 'sku' | 'location'>) {
  return { id: location === undefined ? sku : `${sku} at ${location}` };
}
