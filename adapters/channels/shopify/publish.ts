// Publishes a batch: reads what is not known of the shop, then sets all quantities in one call that names for each the
// number it replaces. If the shop has sold meanwhile, that number is stale and the shop refuses: the new one is read, and the
// value is told again a little later, when the order that explains it has had time to arrive.
import type { Clock } from '../../../domain/time.ts';
import type { Batch, Outcome, Reply } from '../channel.ts';
import type { Identifiers } from '../identifiers.ts';
import type { AdminApi } from './admin-api.ts';
import { limitOf } from './cost.ts';
import { gid } from './gid.ts';
import { ITEMS_PER_READ, readNamed } from './quantities-read.ts';
import { type Quantity, setQuantities } from './quantities-set.ts';
import { judge, NOT_MUTABLE, type Wanted } from './refusals.ts';
import type { Shown } from './shown.ts';

export interface PublishRoom {
  readonly api: AdminApi;
  readonly identifiers: Identifiers;
  /** Global id of the location that is sold from there. */
  readonly location: string;
  readonly reason: string;
  readonly shown: Shown;
  readonly clock: Clock;
}

/** How long a value waits for the order behind a stale number; webhooks mostly come within a second or two. */
const STALE_WAIT_MS = 2_000;
/** A parent of a bundle is not tried again before this: it would refuse every batch that it is in. */
const NOT_MUTABLE_MS = 3_600_000;
/** Calls remembered for a repeat of the same batch: the same key must come with the same numbers. */
const CALLS_MAX = 64;

export function createPublish(room: PublishRoom): (batch: Batch, signal: AbortSignal) => Promise<Reply> {
  const notMutable = new Map<string, number>();
  const calls = new Map<string, Call>();
  return async (batch, signal) => {
    const { batchId: key, traceparent } = batch;
    const call = calls.get(key) ?? (await prepare(batch, room, notMutable, signal));
    if ('kind' in call) return call;
    if (call.left.length === 0) return { kind: 'answered', outcomes: call.outcomes };
    calls.set(key, call);
    if (calls.size > CALLS_MAX) calls.delete(calls.keys().next().value!);
    const first = await send(call, { key, traceparent }, room, signal);
    if (!('rest' in first)) return first;
    for (const item of first.notMutable) notMutable.set(item, room.clock.now() + NOT_MUTABLE_MS);
    // Nothing of the call was applied. Without the bad ones the rest is right, and is sent once more.
    const last = await send(first.rest, { key: `${key}.rest`, traceparent }, room, signal);
    return 'rest' in last ? { kind: 'answered', outcomes: withTheRest(last.rest) } : keeping(last, first.rest);
  };
}

interface Sending {
  readonly key: string;
  readonly traceparent: string | undefined;
}

/** One call; `rest` is what was not at fault in it, if something else was. */
async function send(
  { left, quantities, outcomes: settled }: Call,
  { key, traceparent }: Sending,
  room: PublishRoom,
  signal: AbortSignal,
): Promise<Reply | { readonly rest: Call; readonly notMutable: readonly string[] }> {
  const outcomes = new Map(settled);
  const told = await setQuantities(room.api, { quantities, reason: room.reason, key, traceparent }, signal);
  if (told.kind !== 'data') {
    if (told.kind === 'unknown') for (const { item } of left) room.shown.forget(item);
    return told;
  }
  if (told.data.length > 0) {
    const judged = judge(told.data, left);
    if (judged.kind === 'whole') {
      if (judged.reply.kind === 'unknown') for (const { item } of left) room.shown.forget(item);
      return judged.reply;
    }
    for (const [sku, reason] of judged.refused) outcomes.set(sku, { kind: 'refused', reason });
    for (const { sku, item } of left) if (judged.refused.has(sku)) room.shown.forget(item);
    await readAgain(judged.stale, room, outcomes, signal);
    const good = left.filter(({ sku }) => !outcomes.has(sku));
    const rest = { outcomes, left: good, quantities: good.map((one) => quantityOf(one, room)) };
    if (judged.stale.length === 0 && good.length > 0) return { rest, notMutable: judged.notMutable };
    return { kind: 'answered', outcomes: withTheRest(rest), ...limitOf(told.cost) };
  }
  for (const { sku, item, units } of left) {
    room.shown.set(item, units);
    outcomes.set(sku, { kind: 'confirmed' });
  }
  return { kind: 'answered', outcomes, ...limitOf(told.cost) };
}

/** What was not at fault goes again at once. */
function withTheRest({ outcomes, left }: Call): ReadonlyMap<string, Outcome> {
  const again = { kind: 'retryLater', afterMs: 0, reason: 'refused along with another' } as const;
  return new Map([...outcomes, ...left.map(({ sku }) => [sku, again] as const)]);
}

/** What the first call settled stays so, whatever became of the second. */
function keeping(reply: Reply, { outcomes, left }: Call): Reply {
  if (reply.kind === 'answered') return reply;
  const { reason } = 'reason' in reply ? reply : { reason: 'THROTTLED' };
  const afterMs = 'afterMs' in reply ? reply.afterMs : undefined;
  const what: Outcome =
    reply.kind === 'unknown' ? { kind: 'unknown', reason } : { kind: 'retryLater', reason, afterMs };
  return { kind: 'answered', outcomes: new Map([...outcomes, ...left.map(({ sku }) => [sku, what] as const)]) };
}

/** What is to be set, and what is settled without. */
interface Call {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly left: readonly Wanted[];
  readonly quantities: readonly Quantity[];
}

async function prepare(
  batch: Batch,
  room: PublishRoom,
  notMutable: Map<string, number>,
  signal: AbortSignal,
): Promise<Call | Reply> {
  const outcomes = new Map<string, Outcome>();
  const wanted = nameable(batch, room, notMutable, outcomes);
  const notRead = await readUnknown(wanted, room, outcomes, signal);
  if (notRead !== undefined) return notRead;
  const left = wanted.filter(({ sku }) => !outcomes.has(sku));
  return { outcomes, left, quantities: left.map((one) => quantityOf(one, room)) };
}

/** What the shop could know; the rest gets its outcome here. */
function nameable(
  { updates }: Batch,
  { identifiers, clock }: PublishRoom,
  notMutable: Map<string, number>,
  outcomes: Map<string, Outcome>,
): readonly Wanted[] {
  return updates.flatMap(({ sku, units }) => {
    const id = identifiers.ofSku(sku)?.id;
    if (id === undefined) {
      outcomes.set(sku, { kind: 'refused', reason: 'unmapped: no inventory item of the shop is known for it' });
      return [];
    }
    const item = gid('InventoryItem', id);
    if ((notMutable.get(item) ?? 0) > clock.now()) {
      outcomes.set(sku, { kind: 'refused', reason: NOT_MUTABLE });
      return [];
    }
    notMutable.delete(item);
    return [{ sku, item, units }];
  });
}

/** Reads what is not known; a reply if that failed. What already shows the right number needs no call. */
async function readUnknown(
  wanted: readonly Wanted[],
  { api, location, shown }: PublishRoom,
  outcomes: Map<string, Outcome>,
  signal: AbortSignal,
): Promise<Reply | undefined> {
  const unknown = wanted.filter(({ item }) => shown.get(item) === undefined);
  for (let n = 0; n < unknown.length; n += ITEMS_PER_READ) {
    const part = unknown.slice(n, n + ITEMS_PER_READ);
    const told = await readNamed(
      api,
      part.map(({ item }) => item),
      location,
      signal,
    );
    if (told.kind !== 'data') return told;
    const found = new Map(told.data.map((one) => [one.id, one]));
    for (const { sku, item, units } of part) {
      const is = found.get(item);
      if (is === undefined) outcomes.set(sku, { kind: 'refused', reason: 'the shop has no such inventory item' });
      else if (!is.tracked) outcomes.set(sku, { kind: 'refused', reason: 'the shop does not track its inventory' });
      else if (is.available === units) outcomes.set(sku, { kind: 'confirmed' });
      if (is?.available !== undefined) shown.set(item, is.available);
    }
  }
  return undefined;
}

/** An item that is not stocked at the location shows nothing that could be compared. */
function quantityOf({ item, units }: Wanted, { location, shown }: PublishRoom): Quantity {
  return { inventoryItemId: item, locationId: location, quantity: units, changeFromQuantity: shown.get(item) ?? null };
}

/** What stale numbers are now. One that cannot be read is read before its next set. */
async function readAgain(
  stale: readonly Wanted[],
  { api, location, shown }: PublishRoom,
  outcomes: Map<string, Outcome>,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; n < stale.length; n += ITEMS_PER_READ) {
    const part = stale.slice(n, n + ITEMS_PER_READ);
    for (const { item } of part) shown.forget(item);
    const told = await readNamed(
      api,
      part.map(({ item }) => item),
      location,
      signal,
    );
    const found = new Map(told.kind === 'data' ? told.data.map((one) => [one.id, one.available]) : []);
    for (const { sku, item, units } of part) {
      const is = found.get(item);
      if (is !== undefined) shown.set(item, is);
      const reason = `CHANGE_FROM_QUANTITY_STALE: it shows ${is ?? 'what could not be read'} now`;
      outcomes.set(sku, is === units ? { kind: 'confirmed' } : { kind: 'retryLater', afterMs: STALE_WAIT_MS, reason });
    }
  }
}
