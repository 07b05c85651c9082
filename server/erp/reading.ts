// Reads from an ERP what it received and counted, as facts of stocks. The watermark moves when every fact of a page is in the
// log, and is then in the ERP's stream; facts have ids of the ERP's own, so a page that is read again has no effect twice.
// What is not mapped is a case; retry reads again from where it was met.

import type { Erp, ReadReply } from '../../adapters/erp/erp.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import { type ErpFact, factCommand } from '../../domain/erp/own-fact.ts';
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
  /** Ends early when somebody asks. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
}

const FAILED_MS_MIN = 30 * SECOND;
const PAGES_MAX = 1_000;

/** Until the signal aborts. @throws LostErp */
export async function readErp(room: ReadingRoom, held: Held): Promise<void> {
  const { policy, erp } = room;
  const calls = room.calls(held.signal);
  const reads = policy.reads.filter((what) => erp.declares.reads.includes(what));
  while (reads.length > 0 && !held.signal.aborted) {
    let failure: string | undefined;
    if (held.closedFor() === undefined) {
      for (const what of reads) failure ??= await readOn(what, room, held, calls);
      if (held.signal.aborted) return;
      held.read(failure);
    }
    const pollMs = policy.pollSeconds * SECOND;
    await room.rest(failure === undefined ? pollMs : Math.max(pollMs, FAILED_MS_MIN), held.signal);
  }
}

/** All there is now. Why it could not be read; undefined: it was. */
async function readOn(what: ErpReads, room: ReadingRoom, held: Held, calls: Calls): Promise<string | undefined> {
  for (let page = 0; page < PAGES_MAX && !held.signal.aborted; page += 1) {
    const from = held.record.book.watermarks[what];
    const reply = await calls.call<ReadReply>(
      (signal) => room.erp.read(what, from, signal),
      (reason) => ({ kind: 'retryLater', reason }),
    );
    if (reply.kind !== 'facts') return `${what}: ${reply.reason}`;
    const failure = await takeAll(reply.facts, room, held);
    if (failure !== undefined) return `${what}: ${failure}`;
    for (const { what: unknown, id } of reply.unmapped) held.cases.unmapped(unknown, id);
    if (reply.watermark !== from) {
      const { watermark, facts } = reply;
      await held.record.append([{ type: 'ErpRead', what, watermark, facts: facts.length, readAt: room.clock.now() }]);
    }
    if (!reply.more) return undefined;
  }
  return undefined;
}

async function takeAll(facts: readonly ErpFact[], room: ReadingRoom, held: Held): Promise<string | undefined> {
  const { knowsLocation, knowsSku } = room.known();
  const { id, locations } = room.policy;
  for (const fact of facts) {
    if (locations !== undefined && !locations.includes(fact.location)) continue;
    const isKnown = knowsLocation(fact.location) && knowsSku(fact.sku);
    if (!isKnown) {
      held.cases.unmapped(
        knowsLocation(fact.location) ? 'sku' : 'location',
        knowsLocation(fact.location) ? fact.sku : fact.location,
      );
      continue;
    }
    const answer = await room.actors.submit({ command: factCommand(id, fact), client: id });
    if (answer.outcome === 'failed') return answer.detail;
  }
  return undefined;
}
