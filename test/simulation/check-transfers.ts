// What must hold of transfers in the end (P7), by what the stocks at both ends accepted: what a transfer says left, came or
// went back is what moved there, what it says is set aside or under way is what the stocks show, and nothing half done.
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { TransferEvent } from '../../domain/transfer/events.ts';
import { comingBack, setAside, type Transfer, type TransferLine, underWay } from '../../domain/transfer/transfer.ts';
import { transferWorkflow } from '../../domain/transfer/workflow.ts';
import type { WorkflowFrame } from '../../domain/workflow.ts';
import type { Journal } from './journal.ts';
import type { Reference } from './reference.ts';
import type { Trace } from './trace.ts';
import type { SentTransfer } from './transfer-traffic.ts';
import { checkCommands, eventsOf } from './workflow-clients.ts';

export interface TransfersToCheck {
  readonly transfers: readonly SentTransfer[];
  readonly events: readonly RecordedEvent[];
  readonly reference: Reference;
  readonly journal: Journal;
  readonly trace: Trace;
}

type Fact = Extract<StockCommand, { type: `transfer.${string}`; quantity: number }>;

export function checkTransfers({ transfers, events, reference, journal, trace }: TransfersToCheck): void {
  const { category } = transferWorkflow;
  const own = eventsOf(
    transfers.map(({ id }) => `${category}-${id}`),
    events,
  );
  const { facts, parked } = acceptedByTransfer(journal);
  for (const sent of transfers) {
    const recorded = own.get(`${category}-${sent.id}`)!;
    checkCommands(category, sent, recorded, trace);
    if (recorded.length === 0) continue;
    const transfer = folded(sent.id, recorded);
    const wrong = (what: string) => trace.violated('P7', `transfer ${transfer.id} (${transfer.status}) ${what}`);
    if (transfer.owed.length > 0) wrong(`was left half done: it owes ${transfer.owed.map(({ id }) => id).join()}`);
    // A movement in a future that a clock made up waits for somebody to judge it: that stock then shows less of it.
    if (parked.has(transfer.id)) continue;
    for (const line of transfer.lines.values())
      checkLine(transfer, line, facts.get(transfer.id) ?? [], reference, wrong);
    if (transfer.lines.size > 0 && ![...transfer.lines.values()].every(isConserved)) wrong('has units of no account');
  }
}

function checkLine(
  { id, from, to }: Transfer,
  line: TransferLine,
  facts: readonly Fact[],
  reference: Reference,
  wrong: (what: string) => void,
): void {
  const { sku, dispatched, received, over, returned } = line;
  const moved = (type: Fact['type'], location: string) =>
    facts.reduce((sum, fact) => {
      return fact.type === type && fact.location === location && fact.sku === sku ? sum + fact.quantity : sum;
    }, 0);
  const stock = (location: string) => reference.stocks.get(`${sku} at ${location}`);
  const [origin, destination] = [stock(from), stock(to)];
  const must: readonly (readonly [what: string, said: number, is: number])[] = [
    ['left', dispatched, moved('transfer.dispatch', from)],
    ['came', received + over, moved('transfer.receive', to)],
    ['went back', returned, moved('transfer.receive', from)],
    ['are set aside', setAside(line), origin?.holds.get(`transfer ${id}`)?.committed ?? 0],
    ['are under way, says the origin,', underWay(line), origin?.outward.get(id) ?? 0],
    ['are under way, says the destination,', underWay(line), destination?.inward.get(id) ?? 0],
    ['are on the way back', comingBack(line), origin?.inward.get(id) ?? 0],
  ];
  for (const [what, said, is] of must) if (said !== is) wrong(`says ${said} of ${sku} ${what}; the stock has ${is}`);
}

/** What left is taken, lost, refused or on its way; what was refused is back, lost or on its way. */
function isConserved(line: TransferLine): boolean {
  const { dispatched, received, short, rejected, returned, shortBack } = line;
  return (
    dispatched === received + short + rejected + underWay(line) && rejected === returned + shortBack + comingBack(line)
  );
}

/** What stocks accepted, by transfer; and the transfers of which they parked something. */
function acceptedByTransfer({ entries }: Journal) {
  const facts = new Map<string, Fact[]>();
  const parked = new Set<string>();
  for (const { command, accepted } of entries) {
    if (accepted === undefined || !command.id.startsWith('transfer:') || !('transferId' in command)) continue;
    if (accepted.outcome === 'parked') parked.add(command.transferId);
    else if (command.type !== 'transfer.cancel') {
      facts.set(command.transferId, [...(facts.get(command.transferId) ?? []), command]);
    }
  }
  return { facts, parked };
}

function folded(id: string, own: readonly RecordedEvent[]): Transfer {
  return own.reduce(
    (state, { type, data }) =>
      transferWorkflow.evolve(state, { type, ...data } as unknown as TransferEvent & WorkflowFrame),
    transferWorkflow.initial(id),
  );
}
