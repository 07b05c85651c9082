// A transfer and the real stocks at its two ends, without a server: commands are decided one after another, and a test
// says which owed command a stock is asked next, and whether its answer is written down or lost with a crash.
import { compilePolicy, PolicyDocument, type PolicyDocumentJson } from '../../domain/channel/policy.ts';
import type { JsonObject, RecordedEvent } from '../../domain/event-log.ts';
import { StockCommand, type StockCommandJson } from '../../domain/stock/commands.ts';
import { decide as decideStock } from '../../domain/stock/decide.ts';
import type { StockEvent } from '../../domain/stock/events.ts';
import { evolve as evolveStock } from '../../domain/stock/evolve.ts';
import type { Levels } from '../../domain/stock/levels.ts';
import { emptyStock, type Stock } from '../../domain/stock/stock.ts';
import { stockStream } from '../../domain/stock/stream.ts';
import type { Instant } from '../../domain/time.ts';
import { OpenTransfer, type TransferCommand, TransferCommandBody } from '../../domain/transfer/commands.ts';
import type { TransferEvent } from '../../domain/transfer/events.ts';
import { newTransfer, type Transfer } from '../../domain/transfer/transfer.ts';
import { transferWorkflow } from '../../domain/transfer/workflow.ts';
import type { StockAnswer, WorkflowFrame } from '../../domain/workflow.ts';
import { NOON } from './stock-specification.ts';

export const FROM = 'dc';
export const TO = 'store';

export type Lines = Readonly<Record<string, number>>;
const linesOf = (units: Lines) => Object.entries(units).map(([sku, quantity]) => ({ sku, quantity }));

/** Everything that has happened; each part is replaced, never changed. */
interface Now {
  readonly transfer: Transfer;
  readonly stocks: ReadonlyMap<string, Stock>;
  readonly events: readonly (TransferEvent & WorkflowFrame)[];
  readonly stockEvents: readonly { readonly stream: string; readonly event: StockEvent }[];
  readonly now: Instant;
  readonly number: number;
}

export type TransferWorld = ReturnType<typeof transferWorld>;

export function transferWorld(policy: Partial<PolicyDocumentJson> = {}, from?: Now, id = 'T-1') {
  const document = { version: 'test', locations: [FROM, TO].map((id) => ({ id })), ...policy };
  const compiled = compilePolicy(PolicyDocument.parse(document));
  let at: Now = from ?? {
    ...{ transfer: newTransfer(id), stocks: new Map(), events: [], stockEvents: [], now: NOON, number: 0 },
  };
  const context = () => ({ now: at.now, policy: compiled, free: () => 0 });

  const stockTakes = (command: StockCommand): StockAnswer => {
    const stream = stockStream(command.sku, command.location);
    const stock = at.stocks.get(stream) ?? emptyStock();
    const stockPolicy = compiled.stockPolicy(command.sku, command.location);
    const decision = decideStock(stock, command, { now: at.now, policy: stockPolicy, source: 'test' });
    if (decision.outcome === 'refused') return decision;
    if (decision.outcome === 'duplicate') return { outcome: 'accepted', revision: decision.revision };
    const after = decision.events.reduce((one, event) => evolveStock(one, event), stock);
    const told = decision.events.map((event) => ({ stream, event }));
    const stocks = new Map(at.stocks).set(stream, after);
    at = { ...at, stocks, stockEvents: [...at.stockEvents, ...told] };
    return { outcome: 'accepted', revision: after.revision };
  };
  const take = (command: TransferCommand) => {
    const decision = transferWorkflow.decide(at.transfer, command, context());
    if (decision.outcome === 'refused') return decision.reason;
    const frame = { v: 1, commandId: command.id, source: 'test', recordedAt: at.now };
    const events = decision.events.map((event) => ({ ...event, ...frame }));
    const transfer = events.reduce(transferWorkflow.evolve, at.transfer);
    at = { ...at, transfer, events: [...at.events, ...events] };
    return transfer.status;
  };
  const idOf = (id: string | undefined) => {
    at = { ...at, number: at.number + 1 };
    return id ?? `c${at.number}`;
  };

  const world = {
    transfer: () => at.transfer,
    events: () => at.events,
    stockEvents: () => at.stockEvents,
    /** As a log would hand them out; positions are up to the caller. */
    recorded: (): Omit<RecordedEvent, 'position'>[] =>
      at.events.map(({ type, ...data }, revision) => {
        const stream = `transfer-${id}`;
        const json = JSON.parse(JSON.stringify(data)) as JsonObject;
        return { id: `${stream}@${revision}`, stream, revision, type, data: json, metadata: {} };
      }),
    types: () => at.events.map(({ type }) => type),
    levels: (sku: string, location: string): Levels =>
      (at.stocks.get(stockStream(sku, location)) ?? emptyStock()).levels,
    /** The same transfer and stocks under another policy. */
    under: (other: Partial<PolicyDocumentJson>) => transferWorld(other, at, id),
    pass(ms: number) {
      at = { ...at, now: at.now + ms };
    },
    /** A command that is no part of the transfer. */
    stock(fields: Omit<StockCommandJson, 'id' | 'occurredAt' | 'sku'> & Record<string, unknown>) {
      const id = idOf(undefined);
      return stockTakes(StockCommand.parse({ id, sku: 'A', occurredAt: new Date(at.now).toISOString(), ...fields }));
    },
    /** The status after it, or why it was refused. */
    open: (units: Lines, fields: Record<string, unknown> = {}) =>
      take({
        type: 'open',
        ...OpenTransfer.parse({
          id: idOf(undefined),
          transferId: id,
          from: FROM,
          to: TO,
          lines: linesOf(units),
          ...fields,
        }),
      }),
    send(type: string, units?: Lines, fields: Record<string, unknown> = {}) {
      const lines = units === undefined ? {} : { lines: linesOf(units) };
      return take(TransferCommandBody.parse({ type, id: idOf(undefined), ...lines, ...fields }));
    },
    overdue: () => take({ type: 'overdue', id: idOf(undefined) }),
    owed: () => transferWorkflow.owed(at.transfer),
    /** The stock is asked for one owed command. Unless the answer is `lost`, it is written down. */
    ask(place: number, lost = false) {
      const command = world.owed()[place];
      if (command === undefined) return;
      const answer = stockTakes(command);
      if (!lost) take(transferWorkflow.record(at.transfer, [{ command, answer }]));
    },
    /** Another process asks the stock the same, later, and writes down what it hears. */
    again(command: StockCommand) {
      take(transferWorkflow.record(at.transfer, [{ command, answer: stockTakes(command) }]));
    },
    /** Another process asks the stock the same, and ends before it writes anything down. */
    unheard: (command: StockCommand) => void stockTakes(command),
    take,
    /** Everything that is owed is asked and written down. */
    settle() {
      for (let round = 0; world.owed().length > 0; round++) {
        if (round > 10_000) throw new Error('owes for ever');
        world.ask(0);
      }
      return at.transfer.status;
    },
    fork: () => transferWorld(policy, at, id),
  };
  return world;
}
