// The reference model: walks the log by its own lights and says what every stock and every figure must be, at the end and
// at every position on the way. It takes the commands from the journal, not from the events, and compares what an
// event says of itself with what its command must have led to.
import type { Policy } from '../../domain/channel/policy.ts';
import type { Position, RecordedEvent } from '../../domain/event-log.ts';
import type { Journal } from './journal.ts';
import { applyAccepted } from './reference-apply.ts';
import { emptyReference, freeFor, levelsOf, type ReferenceStock } from './reference-stock.ts';
import type { Trace } from './trace.ts';

export interface Reference {
  readonly stocks: ReadonlyMap<string, ReferenceStock>;
  /** What a channel must show of a SKU now; undefined: it has no figure. */
  units(channel: string, sku: string): number | undefined;
  /** The same as of a position. */
  unitsAt(channel: string, sku: string, position: Position): number;
  /**
   * Units that the channel sold and reported in facts that were parked after `position`: it shows fewer by so many until
   * somebody has judged them (domain/channel/sale.ts).
   */
  parkedSales(channel: string, sku: string, position: Position): number;
  /** Folds what is new in the log. */
  follow(events: readonly RecordedEvent[]): void;
}

interface Figure {
  readonly position: Position;
  readonly units: number;
}

export function createReference(policy: Policy, journal: Journal, trace: Trace): Reference {
  const stocks = new Map<string, ReferenceStock>();
  const figures = new Map<string, Figure[]>();
  const parked: (Figure & { readonly channel: string; readonly sku: string })[] = [];
  let folded = 0;

  const compute = (sku: string, location: string, position: Position) => {
    for (const { id, locations, on, percentage, buffer, cap } of policy.document.channels) {
      if (!locations.includes(location)) continue;
      let pool = 0;
      for (const other of locations) {
        const stock = stocks.get(`${sku} at ${other}`);
        if (stock !== undefined) pool += freeFor(stock, id, policy);
      }
      const share = Math.max(0, Math.floor((pool * percentage) / 100) - buffer);
      const units = on ? Math.min(share, cap ?? share) : 0;
      const known = figures.get(`${id} ${sku}`) ?? [];
      if (known.at(-1)?.units !== units) known.push({ position, units });
      figures.set(`${id} ${sku}`, known);
    }
  };
  const fold = (event: RecordedEvent) => {
    if (!event.stream.startsWith('stock-')) return;
    const commandId = String(event.data['commandId']);
    const command = journal.entry(commandId)?.command;
    // Poison, or an event nobody asked for: the latter is found by the checks of the log.
    if (command === undefined) return;
    const name = `${command.sku} at ${command.location}`;
    const stock = stocks.get(name) ?? emptyReference(command.sku, command.location);
    stocks.set(name, stock);
    if (event.type === 'FactParked') {
      judgeParked(event, policy, trace);
      if (command.type === 'sale' && command.channel !== undefined) {
        parked.push({ channel: command.channel, sku: command.sku, units: command.quantity, position: event.position });
      }
    } else {
      const occurredAt = Number(event.data['occurredAt']);
      if ((command.occurredAt ?? occurredAt) !== occurredAt)
        trace.violated('R6', `${commandId} happened at another time`);
      const accepting = { occurredAt, recordedAt: Number(event.data['recordedAt']), policy };
      const wrong = applyAccepted(stock, command, accepting);
      if (wrong !== undefined) trace.violated('P4', `${commandId} ${command.type} was accepted, but ${wrong}`);
    }
    if (event.type === 'ReservationExpired') trace.mark('hold expired');
    const levels = levelsOf(stock);
    if (levels.onHand - levels.reserved - levels.quarantined < 0) trace.mark('oversold');
    const recorded = event.data['levels'] as Record<string, number>;
    const [must, does] = [levels, Object.fromEntries(Object.keys(levels).map((key) => [key, recorded[key]]))];
    if (JSON.stringify(must) !== JSON.stringify(does)) {
      trace.violated(
        'P1',
        `${event.stream}@${event.revision} says ${JSON.stringify(does)}, must ${JSON.stringify(must)}`,
      );
    }
    compute(command.sku, command.location, event.position);
  };

  return {
    stocks,
    units: (channel, sku) => figures.get(`${channel} ${sku}`)?.at(-1)?.units,
    unitsAt: (channel, sku, at) =>
      figures.get(`${channel} ${sku}`)?.findLast(({ position }) => position <= at)?.units ?? 0,
    parkedSales: (channel, sku, after) =>
      parked.reduce(
        (sum, sale) => sum + (sale.channel === channel && sale.sku === sku && sale.position > after ? sale.units : 0),
        0,
      ),
    follow(events) {
      for (; folded < events.length; folded += 1) fold(events[folded]!);
    },
  };
}

function judgeParked(event: RecordedEvent, policy: Policy, trace: Trace): void {
  const [occurredAt, recordedAt] = [Number(event.data['occurredAt']), Number(event.data['recordedAt'])];
  const { windowMs, clockSkewMsMax } = policy.stockPolicy('', '');
  const isOutside = occurredAt < recordedAt - windowMs || occurredAt > recordedAt + clockSkewMsMax;
  if (!isOutside) trace.violated('R4', `${event.stream}@${event.revision} was parked although it can be judged`);
}
