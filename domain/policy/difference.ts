// What changes from one policy document to another: for people (paths and values), for the read model (which pools can
// change), and for publishers (what a channel's figures depend on).
import type { Policy, PolicyDocument } from '../channel/policy.ts';

export interface PolicyChange {
  /** With ids in the place of list indexes: `channels[marketplace].buffer`. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

/** In the order of the document; the version is not a change. */
export function documentChanges(before: PolicyDocument, after: PolicyDocument): readonly PolicyChange[] {
  const changes: PolicyChange[] = [];
  compare('', { ...before, version: '' }, { ...after, version: '' }, changes);
  return changes;
}

function compare(path: string, before: unknown, after: unknown, into: PolicyChange[]): void {
  if (same(before, after)) return;
  if (before === undefined) into.push({ path, change: 'added', after });
  else if (after === undefined) into.push({ path, change: 'removed', before });
  else if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(path === '' ? key : `${path}.${key}`, before[key], after[key], into);
    }
  } else {
    const [old, now] = [named(before), named(after)];
    if (old === undefined || now === undefined) {
      into.push({ path, change: 'changed', before, after });
      return;
    }
    for (const id of new Set([...old.keys(), ...now.keys()])) {
      compare(`${path}[${id}]`, old.get(id), now.get(id), into);
    }
    const kept = (map: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>) =>
      [...map.keys()].filter((id) => other.has(id));
    // Quotas of earlier channels come first, so order is content.
    const [orderBefore, orderAfter] = [kept(old, now), kept(now, old)];
    if (!same(orderBefore, orderAfter)) {
      into.push({ path: `${path} (order)`, change: 'changed', before: orderBefore, after: orderAfter });
    }
  }
}

/** Entries of a list by what names them; undefined: they have no names, or not one each. */
function named(list: unknown): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(list)) return undefined;
  const byName = new Map<string, unknown>();
  for (const entry of list as readonly unknown[]) {
    if (!isRecord(entry)) return undefined;
    const { id, kind, from, sku, location, channel, system, version } = entry;
    const parts = id ??
      kind ??
      from ??
      version ?? [sku, channel, location, (channel ?? location ?? sku) ? undefined : system];
    const name = Array.isArray(parts) ? parts.filter((part) => part !== undefined).join(' at ') : String(parts);
    if (name === '' || byName.has(name)) return undefined;
    byName.set(name, entry);
  }
  return byName;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What can make a channel's pool of units another: every SKU at some locations, and some SKUs at all of its locations. */
export interface PoolChange {
  /** That came to the pool, left it, or have another safety stock. */
  readonly locations: ReadonlySet<string>;
  readonly skus: ReadonlySet<string>;
}

/** Of a channel that one of the two does not have: all of its locations. */
export function poolChange(before: Policy, after: Policy, channel: string): PoolChange {
  const [was, is] = [poolOf(before, channel), poolOf(after, channel)];
  const [oldStock, newStock] = [locationSafetyStock(before), locationSafetyStock(after)];
  const kept = [...is].filter((location) => was.has(location));
  const locations = new Set([
    ...was.symmetricDifference(is),
    ...kept.filter((location) => oldStock.get(location) !== newStock.get(location)),
  ]);
  const skus = skusSaidOtherwise(before, after).filter((sku) =>
    kept.some(
      (location) =>
        before.safetyStock(sku, location) !== after.safetyStock(sku, location) ||
        !same(before.quotas(sku, location), after.quotas(sku, location)),
    ),
  );
  return { locations, skus: new Set(skus) };
}

function poolOf(policy: Policy, channel: string): Set<string> {
  return new Set(policy.channel(channel)?.locations);
}

/** All that a channel's figures and its publishing depend on, as text: the same under two policies, nothing changes. */
export function channelFingerprint(policy: Policy, id: string): string {
  const channel = policy.channel(id);
  if (channel === undefined) return '';
  const pool = new Set(channel.locations);
  const { locations, safetyStock } = policy.document;
  return JSON.stringify([
    channel,
    locations.filter((location) => pool.has(location.id)).map((location) => [location.id, location.safetyStock ?? 0]),
    safetyStock.filter(({ location }) => location === undefined || pool.has(location)),
    policy.channels.flatMap((other) =>
      other.quotas.filter(({ location }) => pool.has(location)).map((quota) => [other.id, quota]),
    ),
    policy.document.bundles,
  ]);
}

function locationSafetyStock(policy: Policy): ReadonlyMap<string, number> {
  return new Map(policy.document.locations.map(({ id, safetyStock }) => [id, safetyStock ?? 0]));
}

/** SKUs about which the two say something else, whatever it is: few, so only these are looked at by location. */
function skusSaidOtherwise(before: Policy, after: Policy): readonly string[] {
  const [old, now] = [saidBySku(before), saidBySku(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((sku) => old.get(sku) !== now.get(sku));
}

function saidBySku(policy: Policy): ReadonlyMap<string, string> {
  const bySku = new Map<string, string>();
  const say = (sku: string, ...what: unknown[]) => bySku.set(sku, `${bySku.get(sku) ?? ''}${JSON.stringify(what)}`);
  for (const { sku, location, units } of policy.document.safetyStock) say(sku, location ?? null, units);
  for (const { id, quotas } of policy.channels)
    for (const { sku, location, units } of quotas) say(sku, id, location, units);
  return bySku;
}
