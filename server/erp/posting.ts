// Posts to one ERP, step by step: the next movements in log order, or those of an SKU that waited apart. Promise: each
// movement is in its books once. A call whose outcome is not known, and whatever a crash may have left, is looked up by our
// references before anything is posted again; what was posted is in the log before the next call.

import type { PostReply } from '../../adapters/erp/erp.ts';
import { lanes, unitsOf } from '../../domain/erp/book.ts';
import type { ErpEventOf, ParkedMovement } from '../../domain/erp/events.ts';
import type { Movement, MovementRules } from '../../domain/erp/movement.ts';
import type { ErpPolicy } from '../../domain/erp/policy.ts';
import type { EventLog, Position } from '../../domain/event-log.ts';
import { type Clock, MINUTE, SECOND } from '../../domain/time.ts';
import type { LogQueue } from '../holding/log-queue.ts';
import { type Batch, nextBatch, parkedMovement } from './batch.ts';
import { type BringRoom, type Brought, bring, NOTHING_BROUGHT } from './bring.ts';
import type { ErpCases } from './cases.ts';
import { type Dismissal, type DismissalAsked, dismiss, type WaitingDismissal } from './dismissals.ts';
import { type Entry, entryOf, rulesOf } from './entries.ts';
import type { ErpRecord } from './record.ts';

export interface PostingRoom extends BringRoom {
  readonly policy: ErpPolicy;
  readonly record: ErpRecord;
  readonly queue: LogQueue;
  readonly log: Pick<EventLog, 'read'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly cases: ErpCases;
  readonly posted: (movements: number) => void;
}

export type Step =
  /** Go on at once. */
  | { readonly kind: 'more' }
  | { readonly kind: 'idle' }
  /** `outage`: it does not take calls. `held`: something that it refuses, or we cannot read, holds up the rest. */
  | { readonly kind: 'wait'; readonly ms: number; readonly why: 'outage' | 'held' | 'again'; readonly reason: string };

const MORE: Step = { kind: 'more' };
const TRIES_MAX = 3;
const HELD_MS = 5 * MINUTE;
/** After a crash: calls that may have been under way are about the next movements, in batches of any size that policy allows. */
const SUSPECTS_AFTER_CRASH = 1_000;
const PASSED_MAX = 1_000;
const READ_AHEAD = 50;
/** An ERP that denies us is not asked more often than one that is silent. */
const DENIED_FAILURES = 5;

export class Posting {
  readonly #with: PostingRoom;
  readonly #rules: MovementRules;
  readonly #sizeMax: number;
  /** Of the first events of the queue, in their order. */
  readonly #entries: Entry[] = [];
  readonly #asked = new Set<string>();
  readonly #dismissals: WaitingDismissal[] = [];
  #size: number;
  #laneSize: number;
  /** So many of the next movements may have been posted already. */
  #suspects: number;
  #tries = 0;
  #failures = 0;
  #passed: Position;

  constructor(room: PostingRoom) {
    this.#with = room;
    this.#rules = rulesOf(room.policy);
    this.#sizeMax = Math.min(room.erp.declares.batchSizeMax, room.policy.batchSize ?? Number.POSITIVE_INFINITY);
    this.#size = this.#sizeMax;
    this.#laneSize = this.#sizeMax;
    this.#suspects = room.record.wasStopped ? 0 : SUSPECTS_AFTER_CRASH;
    this.#passed = room.record.book.upTo;
  }

  /** No call that may have posted something is unaccounted for. */
  get isSure(): boolean {
    return this.#suspects === 0;
  }

  /** Posts what waits apart again: of one SKU, or all. How many movements. */
  retry(sku?: string): number {
    const waiting = lanes(this.#with.record.book);
    const skus = sku === undefined ? [...waiting.keys()] : waiting.has(sku) ? [sku] : [];
    for (const one of skus) this.#asked.add(one);
    return skus.reduce((sum, one) => sum + waiting.get(one)!.length, 0);
  }

  /** Gives up movements that wait apart, at the next step; the rest of their SKUs is posted. */
  dismiss(asked: DismissalAsked): Promise<Dismissal> {
    return new Promise((resolve) => void this.#dismissals.push({ ...asked, resolve }));
  }

  /** No step follows. */
  leave(): void {
    for (const { resolve } of this.#dismissals.splice(0)) resolve({ kind: 'away', reason: 'it is not posted to now' });
  }

  /**
   * What has been passed by is written down; before the end. Not once an event of several movements is begun: what is begun
   * is known of the event after `upTo` as long as that stays.
   */
  async settle(): Promise<void> {
    const { upTo, begun } = this.#with.record.book;
    if (this.#passed > upTo && begun.size === 0) await this.#write([], NOTHING_BROUGHT, this.#passed, []);
  }

  /** @throws LostStream */
  async step(): Promise<Step> {
    const [dismissal] = this.#dismissals;
    if (dismissal !== undefined) return this.#dismiss(dismissal);
    const [sku] = this.#asked;
    if (sku !== undefined) return this.#postLane(sku);
    const unreadable = await this.#readAhead();
    if (unreadable !== undefined) return unreadable;
    if (this.#entries.length > 0) {
      return this.#postBatch(nextBatch(this.#entries, this.#with.record.book, this.#size, this.#with.clock.now()));
    }
    // All that was there when this began is posted; what came since, nobody before can have posted. Only once it has been
    // seen: the queue is empty, too, before the log has told it anything.
    if (this.#with.queue.hasSeenBeginning()) this.#suspects = 0;
    return { kind: 'idle' };
  }

  async #dismiss(asked: WaitingDismissal): Promise<Step> {
    const { record } = this.#with;
    const skus = asked.references.flatMap((one) => record.book.parked.get(one)?.movement.sku ?? []);
    const answer = await dismiss(asked, this.#with, (movements, ids) =>
      this.#write(movements, { ids, found: movements.length }, record.book.upTo, []),
    );
    this.#dismissals.shift();
    if (answer.kind === 'done') for (const sku of skus) this.#asked.add(sku);
    asked.resolve(answer);
    return answer.kind === 'done' ? MORE : { kind: 'wait', ms: 0, why: 'again', reason: answer.reason };
  }

  async #readAhead(): Promise<Step | undefined> {
    const { queue, log, cases } = this.#with;
    const events = await queue.peek(PASSED_MAX);
    const have = this.#entries.length;
    for (const event of events.slice(have, Math.max(have + READ_AHEAD, this.#size))) {
      try {
        this.#entries.push(await entryOf(event, this.#rules, log));
      } catch (error) {
        if (this.#entries.length > 0) return undefined;
        const place = `${event.stream}@${event.revision}`;
        const reason = `${place} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
        cases.held(place, reason);
        return { kind: 'wait', ms: MINUTE, why: 'held', reason };
      }
    }
    return undefined;
  }

  async #postBatch(batch: Batch): Promise<Step> {
    const { movements, causes, behind, upTo } = batch;
    const { record, cases } = this.#with;
    if (batch.isFull && batch.entries.length === 0) {
      const reason = `${record.book.parked.size} movements wait apart, which is as many as may`;
      cases.held('parked', reason);
      return { kind: 'wait', ms: MINUTE, why: 'held', reason };
    }
    const isSuspect = this.#suspects > 0;
    const reply = movements.length === 0 ? NOTHING_BROUGHT : await bring(this.#with, movements, isSuspect, causes);
    if (reply.kind === 'refused') return this.#refused(batch, reply);
    if (reply.kind !== 'confirmed') return this.#troubled(reply, movements.length);
    if (movements.length > 0 || behind.length > 0 || batch.entries.length >= PASSED_MAX) {
      await this.#write(movements, reply, upTo, behind);
      this.#suspects = Math.max(0, this.#suspects - movements.length);
    }
    this.#done(batch.entries.length, upTo);
    this.#size = Math.min(this.#sizeMax, this.#size * 2);
    return MORE;
  }

  async #write(
    movements: readonly Movement[],
    { ids, found }: { readonly ids: ReadonlyMap<string, string>; readonly found: number },
    upTo: Position,
    parked: readonly ParkedMovement[],
    startedAt = this.#with.clock.now(),
  ): Promise<void> {
    const { record, clock, cases } = this.#with;
    type Posted = ErpEventOf<'MovementsPosted'>['posted'][number];
    const posted = movements.map(({ reference, kind, sku, location, to, from, quantity }): Posted => {
      const units = to === 'stock' ? quantity : from === 'stock' ? -quantity : 0;
      return [reference, kind, sku, location, units, ids.get(reference) ?? ''];
    });
    const more = { ...(found > 0 ? { found } : {}), ...(parked.length === 0 ? {} : { parked: [...parked] }) };
    const times = { startedAt, finishedAt: clock.now() };
    await record.append([{ type: 'MovementsPosted', upTo: String(upTo), ...times, posted, ...more }]);
    this.#tries = 0;
    this.#failures = 0;
    if (movements.length === 0) return;
    this.#with.posted(movements.length);
    cases.answered();
  }

  #done(entries: number, upTo: Position): void {
    this.#entries.splice(0, entries);
    this.#with.queue.drop(entries);
    if (upTo > this.#passed) this.#passed = upTo;
  }

  #openOf(entry: Entry): readonly Movement[] {
    return entry.movements.filter(({ reference }) => !this.#with.record.book.begun.has(reference));
  }

  /** The one at fault is found by its name or by halving; it is tried again, and at last waits apart or holds up the rest. */
  async #refused(batch: Batch, reply: Extract<PostReply, { kind: 'refused' }>): Promise<Step> {
    const isBehind = new Set(batch.behind.map(({ position }) => position));
    const concerned = batch.entries.filter(
      (entry) => !isBehind.has(String(entry.position)) && this.#openOf(entry).length > 0,
    );
    const at = concerned.findIndex((entry) => entry.movements.some(({ reference }) => reference === reply.reference));
    if (at > 0) {
      this.#size = concerned.slice(0, at).reduce((sum, entry) => sum + this.#openOf(entry).length, 0);
      return MORE;
    }
    if (at < 0 && concerned.length > 1) {
      this.#size = Math.max(1, Math.floor(batch.movements.length / 2));
      return MORE;
    }
    this.#tries += 1;
    const { random, policy, cases } = this.#with;
    if (reply.unmapped === undefined && this.#tries < TRIES_MAX) {
      return { kind: 'wait', ms: SECOND * 2 ** this.#tries * (0.5 + random()), why: 'again', reason: reply.reason };
    }
    // None is covered whole: it is the first of an event's several movements.
    const entry = concerned[0] ?? this.#entries[batch.entries.length]!;
    if (policy.onRefusal === 'park') return this.#park(batch, entry, reply);
    this.#tries = TRIES_MAX - 1;
    cases.held(entry.place, `it refuses ${entry.place}: ${reply.reason}`);
    return { kind: 'wait', ms: HELD_MS, why: 'held', reason: reply.reason };
  }

  /** Only up to the entry: what stands before it in the batch has no movement, or waits behind others. */
  async #park(batch: Batch, entry: Entry, { unmapped, reason }: Refused): Promise<Step> {
    const { clock, cases } = this.#with;
    const parked = this.#openOf(entry).map((movement, n) => {
      const why = n > 0 ? 'behind' : unmapped === undefined ? 'refused' : 'unmapped';
      return parkedMovement(entry, movement, why, n > 0 ? '' : reason, clock.now());
    });
    const behind = batch.behind.filter(({ position }) => BigInt(position) < entry.position);
    await this.#write([], NOTHING_BROUGHT, entry.position, [...behind, ...parked]);
    const units = parked.reduce((sum, { movement }) => sum + movement.quantity, 0);
    cases.parked(parked[0]!, units);
    this.#done(this.#entries.indexOf(entry) + 1, entry.position);
    return MORE;
  }

  async #postLane(sku: string): Promise<Step> {
    const { record, clock, cases } = this.#with;
    const part = (lanes(record.book).get(sku) ?? []).slice(0, this.#laneSize);
    const [first] = part;
    if (first === undefined) {
      this.#asked.delete(sku);
      cases.posted(sku);
      return MORE;
    }
    const startedAt = clock.now();
    const movements = part.map(({ movement }) => movement);
    const reply = await bring(this.#with, movements, true);
    const { upTo } = record.book;
    if (reply.kind === 'confirmed') {
      await this.#write(movements, reply, upTo, [], startedAt);
      this.#laneSize = Math.min(this.#sizeMax, this.#laneSize * 2);
      return MORE;
    }
    if (reply.kind !== 'refused') return this.#troubled(reply, 0);
    if (part.length > 1) {
      this.#laneSize = Math.max(1, Math.floor(part.length / 2));
      return MORE;
    }
    this.#asked.delete(sku);
    const why = reply.unmapped === undefined ? 'refused' : 'unmapped';
    const refused: ParkedMovement = { ...first, why, reason: reply.reason, parkedAt: clock.now() };
    await this.#write([], NOTHING_BROUGHT, upTo, [refused]);
    // Another movement than the case is about, or for another reason.
    if (first.why !== why || first.reason !== reply.reason)
      cases.parked(refused, unitsOf(lanes(record.book).get(sku)!));
    return MORE;
  }

  #troubled(reply: Exclude<Brought, { kind: 'confirmed' | 'refused' }>, movements: number): Step {
    this.#failures += 1;
    if (reply.kind === 'unknown') this.#suspects = Math.max(this.#suspects, movements);
    const failures = reply.kind === 'denied' ? Math.max(this.#failures, DENIED_FAILURES) : this.#failures;
    const afterMs = reply.kind === 'retryLater' ? reply.afterMs : undefined;
    return { kind: 'wait', ms: this.#with.calls.waitMs(failures, afterMs), why: 'outage', reason: reply.reason };
  }
}

type Refused = Extract<PostReply, { kind: 'refused' }>;
