// What must hold once the world is well again: every promise of reliability.md that applies, against the log itself, the
// journal of the clients, the reference model, and what the channels saw.
import { systemHashes } from '../../adapters/platform.ts';
import { channelStream } from '../../domain/channel/events.ts';
import { type EventLog, type RecordedEvent, START } from '../../domain/event-log.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import { verifyChain } from '../../projections/verify-chain.ts';
import type { SimulatedChannel } from './channels.ts';
import type { Journal } from './journal.ts';
import type { Reference } from './reference.ts';
import { levelsOf, onHandOf, unitsMoved } from './reference-stock.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';
import { POISON } from './witness.ts';

/** Ids once, revisions without a gap, chain whole, times in order, causes known; every answer true, nothing else in it. */
export async function checkLog(events: readonly RecordedEvent[], journal: Journal, trace: Trace): Promise<void> {
  const ids = new Set<string>();
  const revisions = new Map<string, number>();
  const recordedAt = new Map<string, number>();
  const byCommand = new Map<string, RecordedEvent>();
  const taken = new Set(events.map(({ data }) => String(data['commandId'])));
  for (const event of events) {
    const { id, stream, revision, data, metadata } = event;
    if (ids.has(id)) trace.violated('P2', `event id ${id} is in the log twice`);
    ids.add(id);
    if (revision !== (revisions.get(stream) ?? -1) + 1) trace.violated('P14', `${stream}@${revision} follows a gap`);
    revisions.set(stream, revision);
    if (!stream.startsWith('stock-') || event.type === POISON) continue;
    const commandId = String(data['commandId']);
    if (byCommand.has(commandId)) trace.violated('P2', `${commandId} had its effect twice`);
    byCommand.set(commandId, event);
    const sent = journal.entry(commandId);
    if (sent === undefined) trace.violated('P16', `${stream}@${revision}: nobody sent ${commandId}`);
    // What a workflow asks is caused by a command that it took; what a client sends, by itself. Seen failing: without the cause.
    const cause = String(metadata['causationId']);
    if (sent?.isAsked === (cause === commandId) || !taken.has(cause)) {
      trace.violated('P16', `${stream}@${revision}: ${commandId} was caused by ${cause}`);
    }
    const at = Number(data['recordedAt']);
    if (at < (recordedAt.get(stream) ?? 0)) trace.violated('fault 13', `${stream}@${revision} was recorded earlier`);
    recordedAt.set(stream, at);
  }
  for (const { command, accepted, refused, isFact, delivered, definite } of journal.entries) {
    const event = byCommand.get(command.id);
    if (accepted !== undefined && event?.revision !== accepted.revision) {
      trace.violated('acknowledged', `${command.id} was acknowledged @${accepted.revision} and is @${event?.revision}`);
    }
    if (isFact && accepted === undefined) trace.violated('R4', `the fact ${command.id} was never taken`);
    // A delivery without an answer may have been written, and be refused when it is repeated.
    if (refused && accepted === undefined && delivered === definite && event !== undefined) {
      trace.violated('R4', `${command.id} was refused and is in the log`);
    }
  }
  const { faults, unchained } = await verifyChain(readOnly(events), systemHashes);
  for (const { stream, revision, what } of faults) trace.violated('chain', `${stream}@${revision}: ${what}`);
  const planted = events.filter(({ type }) => type === POISON).length;
  if (unchained !== planted) trace.violated('chain', `${unchained} events are not chained, ${planted} may be`);
}

function readOnly(events: readonly RecordedEvent[]): EventLog {
  const readAll: EventLog['readAll'] = async (after, limit) =>
    (after === START ? events : events.slice(events.findIndex(({ position }) => position > after))).slice(0, limit);
  return {
    readAll: async (after, limit) => (after === events.at(-1)?.position ? [] : readAll(after, limit)),
    append: () => Promise.reject(new Error('read only')),
    read: () => Promise.reject(new Error('not needed')),
    head: async () => events.at(-1)?.position ?? START,
    subscribe: () => {
      throw new Error('not needed');
    },
    close: async () => {},
  };
}

/** Levels equal the reference; on-hand also equals what the acknowledged commands say, whatever the order in the log. */
export function checkStocks(
  readModel: ReadModel,
  reference: Reference,
  journal: Journal,
  scenario: Scenario,
  trace: Trace,
): void {
  const { availability } = readModel;
  for (const [name, stock] of reference.stocks) {
    const row = availability.stock(stock.sku, stock.location);
    const [must, does] = [levelsOf(stock), row?.levels].map((levels) => JSON.stringify(levels));
    if (must !== does) trace.violated('P8', `${name} is ${does}, must be ${must}`);
    const ofStock = journal.entries.filter(
      ({ command, accepted }) =>
        accepted?.outcome === 'accepted' && command.sku === stock.sku && command.location === stock.location,
    );
    const onHand = onHandOf({
      moved: ofStock.map(({ command }) => ({ at: command.occurredAt ?? 0, units: unitsMoved(command) ?? 0 })),
      counts: ofStock.flatMap(({ command }) =>
        command.type === 'count' ? [{ at: command.occurredAt, id: command.id, counted: command.counted }] : [],
      ),
    });
    if (row?.levels.onHand !== onHand) {
      trace.violated('P5', `${name} has ${row?.levels.onHand}, the acknowledged facts say ${onHand}`);
    }
  }
  for (const { id } of scenario.policy.channels) {
    for (const sku of scenario.skus) {
      const [must, does] = [reference.units(id, sku), availability.units(id, sku)];
      if (must !== does) trace.violated('P6', `${id} may sell ${does} of ${sku}, must be ${must}`);
    }
  }
}

/** Numbers that a source left out are its gaps, and no others. */
export function checkSequences(
  readModel: ReadModel,
  journal: Journal,
  leftOut: ReadonlyMap<string, ReadonlySet<number>>,
  trace: Trace,
): void {
  for (const [source, missing] of leftOut) {
    const numbers = journal.entries.flatMap(({ command }) =>
      command.source?.id === source && command.source.sequence !== undefined ? [command.source.sequence] : [],
    );
    const must = [...missing].filter((n) => n > Math.min(...numbers) && n < Math.max(...numbers)).sort((a, b) => a - b);
    const does = readModel
      .sequences()
      .gaps(source)
      .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
    if (JSON.stringify(must) !== JSON.stringify(does)) {
      trace.violated('R5', `${source} left out ${must.join()}, the gaps are ${does.join()}`);
    }
  }
}

/** What the log says a channel confirmed, it has confirmed: an unknown outcome is never taken for success. */
export function checkConfirmed(channel: SimulatedChannel, events: readonly RecordedEvent[], trace: Trace): void {
  const { id, confirmed } = channel;
  for (const { stream, revision, type, data } of events) {
    if (stream !== channelStream(id) || type !== 'AvailabilityPublished') continue;
    for (const [sku, units, outcome] of data['updates'] as [string, number, string][]) {
      if (outcome === 'confirmed' && !confirmed.has(`${sku}@${data['version']}`)) {
        trace.violated('confirmed', `${stream}@${revision} says ${sku}=${units} was confirmed, which ${id} never did`);
      }
    }
  }
}

/** P11 and P13, and every value was true at its version. */
export function checkCalls(channel: SimulatedChannel, reference: Reference, scenario: Scenario, trace: Trace): void {
  const { id, calls, overwritten, listings } = channel;
  const newest = new Map<string, bigint>();
  for (const { at, updates, version } of calls) {
    for (const { sku, units } of updates) {
      if (version <= (newest.get(sku) ?? START)) {
        trace.violated('P11', `${id} was told ${sku} with version ${version} after ${newest.get(sku)} (${at})`);
      }
      newest.set(sku, version);
      const must = reference.unitsAt(id, sku, version);
      if (units !== must) trace.violated('P11', `${id} was told ${sku}=${units} v${version}, which was ${must}`);
    }
  }
  for (const sku of overwritten) trace.violated('P11', `${id} showed an older value of ${sku} over a newer one`);
  if (listings.violations > 0) trace.violated('P11', `${id} saw ${listings.violations} versions with two values`);

  const { ratePerSecond = 0, burst = 0 } = scenario.policy.channel(id)!.connector!;
  // Calls i…j in a window: j − i + 1 ≤ rate × (tj − ti) + burst, for all i ≤ j.
  let least = Number.POSITIVE_INFINITY;
  calls.forEach(({ at }, n) => {
    const debt = n - (ratePerSecond * at) / 1_000;
    least = Math.min(least, debt);
    if (debt - least + 1 > burst + 1e-6) {
      trace.violated(
        'P13',
        `${id}: ${(debt - least + 1).toFixed(3)} calls more than ${ratePerSecond}/s, ${burst} are allowed`,
      );
    }
  });
}
