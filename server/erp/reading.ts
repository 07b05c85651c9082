// Reads from an ERP what it received and counted, as facts of stocks. The watermark moves when every fact of a page is in the
// log, and is then in the ERP's stream; facts have ids of the ERP's own, so a page that is read again has no effect twice.
// What is not mapped is a case; retry reads again from where it was met.

import type { Erp, ReadReply } from '../../adapters/erp/erp.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import { factCommand } from '../../domain/erp/own-fact.ts';
import type { ErpPolicy, ErpReads } from '../../domain/erp/policy.ts';
import { type Clock, SECOND } from '../../domain/time.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Calls } from './calls.ts';
import type { Held } from './poster.ts';

export interface ReadingRoom {
  readonly policy: ErpPolicy;
  readonly erp: Erp;
  readonly actors: Pick<StockActors, 'submit'>;
  /** Which SKUs and locations there are. */
  readonly known: () => Pick<Policy, 'knowsSku' | 'knowsLocation'>;
  readonly clock: Clock;
  readonly calls: (signal: AbortSignal) => Calls;
  /** Ends early when somebody asks: then true. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

const FAILED_MS_MIN = 30 * SECOND;
const PAGES_MAX = 1_000;
const NAMES_MAX = 500;

/** Until the signal aborts. @throws LostStream */
export async function readErp(room: ReadingRoom, held: Held): Promise<void> {
  const { policy, erp } = room;
  const calls = room.calls(held.signal);
  const reads = policy.reads.filter((what) => erp.declares.reads.includes(what));
  let isAsked = false;
  while (reads.length > 0 && !held.signal.aborted) {
    let failure: string | undefined;
    if (held.closedFor() === undefined) {
      for (const what of reads) {
        if (isAsked) failure ??= await readAgain(what, room, held, calls);
        failure ??= await readOn(what, room, held, calls);
      }
      if (held.signal.aborted) return;
      held.read(failure);
    }
    const pollMs = policy.pollSeconds * SECOND;
    isAsked = await room.rest(failure === undefined ? pollMs : Math.max(pollMs, FAILED_MS_MIN), held.signal);
  }
}

/** All there is now. Why it could not be read; undefined: it was. */
async function readOn(what: ErpReads, room: ReadingRoom, held: Held, calls: Calls): Promise<string | undefined> {
  const { record, cases } = held;
  for (let page = 0; page < PAGES_MAX && !held.signal.aborted; page += 1) {
    const from = record.book.watermarks[what];
    const taken = await takePage(what, from, room, held, calls);
    if ('failure' in taken) return taken.failure;
    const { watermark, facts, names, more } = taken;
    for (const name of names) cases.unmapped(name);
    const before = record.book.unread[what];
    const all = new Set([...(before?.names ?? []), ...names]);
    const unread =
      names.length === 0 ? {} : { unread: { from: before?.from ?? from, names: [...all].slice(0, NAMES_MAX) } };
    if (watermark !== from || names.some((name) => before?.names.includes(name) !== true)) {
      await record.append([{ type: 'ErpRead', what, watermark, facts, readAt: room.clock.now(), ...unread }]);
    }
    if (!more) return undefined;
  }
  return undefined;
}

/** From where something was met that nobody had mapped. What was taken the first time has no effect now. */
async function readAgain(what: ErpReads, room: ReadingRoom, held: Held, calls: Calls): Promise<string | undefined> {
  const { record, cases } = held;
  const unread = record.book.unread[what];
  const watermark = record.book.watermarks[what];
  if (unread === undefined || watermark === undefined) return undefined;
  const still = new Set<string>();
  let facts = 0;
  let { from } = unread;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const taken = await takePage(what, from, room, held, calls);
    if ('failure' in taken) return taken.failure;
    for (const name of taken.names) still.add(name);
    facts += taken.facts;
    from = taken.watermark;
    if (!taken.more) break;
  }
  for (const name of unread.names) if (!still.has(name)) cases.mapped(name);
  const left = still.size === 0 ? null : { ...unread, names: [...still].slice(0, NAMES_MAX) };
  await record.append([{ type: 'ErpRead', what, watermark, facts, readAt: room.clock.now(), unread: left }]);
  return undefined;
}

type Page =
  | { readonly failure: string }
  | { readonly watermark: string; readonly facts: number; readonly names: readonly string[]; readonly more: boolean };

async function takePage(
  what: ErpReads,
  from: string | undefined,
  room: ReadingRoom,
  { signal }: Held,
  calls: Calls,
): Promise<Page> {
  const reply = await calls.call<ReadReply>(
    (calling) => room.erp.read(what, from, AbortSignal.any([calling, signal])),
    (reason) => ({ kind: 'retryLater', reason }),
  );
  if (reply.kind !== 'facts') return { failure: `${what}: ${reply.reason}` };
  const names = reply.unmapped.map((one) => `${one.what}:${one.id}`);
  const { knowsLocation, knowsSku } = room.known();
  const { id, locations } = room.policy;
  for (const fact of reply.facts) {
    const { sku, location } = fact;
    if (locations !== undefined && !locations.includes(location)) continue;
    if (!knowsLocation(location)) names.push(`location:${location}`);
    else if (!knowsSku(sku)) names.push(`sku:${sku}`);
    else {
      const answer = await room.actors.submit({ command: factCommand(id, fact), client: id });
      if (answer.outcome === 'failed') return { failure: `${what}: ${answer.detail}` };
    }
  }
  return { watermark: reply.watermark, facts: reply.facts.length, names: [...new Set(names)], more: reply.more };
}
