// The process managers: what follows the log, keeps a workflow going or wakes at its time. Each opens itself in a folder
// beside this file and is a member of `Processes`, where the HTTP API finds it.
import type { ReadStatement } from '../adapters/channels/statement.ts';
import type { Checkpoints } from '../adapters/checkpoints.ts';
import type { Erp } from '../adapters/erp/erp.ts';
import type { Inbound } from '../adapters/inbound/inbound.ts';
import type { Publishing } from '../adapters/publishing/publisher.ts';
import type { Timers } from '../adapters/publishing/timers.ts';
import type { ChannelPolicy, Policy } from '../domain/channel/policy.ts';
import type { ErpPolicy } from '../domain/erp/policy.ts';
import type { CaseSink } from '../domain/exception/cause.ts';
import type { ReadModel } from '../projections/read-model.ts';
import { createSignals, type Signals } from '../projections/signals.ts';
import type { RunnerTime } from '../projections/time.ts';
import type { StockActors } from './actors/answer.ts';
import type { StockReader } from './actors/look.ts';
import { type CaseProcess, type OpenedCases, openCases } from './cases/open-cases.ts';
import type { Remedies } from './cases/remedies.ts';
import { type CountProcess, openCounts } from './counts/open-counts.ts';
import type { Erps } from './erp/erps.ts';
import { openErps } from './erp/open-erps.ts';
import { addErpRemedies } from './erp/remedies.ts';
import type { Expiry } from './expiry/expiry.ts';
import { openExpiry } from './expiry/open-expiry.ts';
import { type IdentifiersProcess, openIdentifiers } from './identifiers/identifiers-process.ts';
import { type InboundProcess, openInbound } from './inbound/open-inbound.ts';
import { openOrders } from './orders/open-orders.ts';
import type { OrderProcess } from './orders/order-process.ts';
import type { PolicyBook } from './policy/book.ts';
import { type FailingChannels, watchFailingChannels } from './policy/failing-channels.ts';
import { recheckChannel } from './policy/silent-channels.ts';
import type { ProcessBase } from './process-room.ts';
import { PUBLISHED_PROJECTION } from './projections.ts';
import { type Reaction, type Reactions, startReactions } from './reactions/reactions.ts';
import { addCompareAgain } from './reconciliation/compare-again.ts';
import { gaugeReconciliation } from './reconciliation/gauges.ts';
import { openReconciliation, type Reconciliation } from './reconciliation/open-reconciliation.ts';
import { openTransfers } from './transfers/open-transfers.ts';
import type { TransferProcess } from './transfers/transfer-process.ts';
import type { TrustedClock } from './trusted-clock.ts';
import { type ConnectWebhook, openWebhooks } from './webhooks/open-webhooks.ts';
import { addWebhookRemedies } from './webhooks/remedies.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface Processes {
  readonly policies: PolicyBook;
  readonly failingChannels: FailingChannels;
  readonly figuresUnder: ReadModel['figuresUnder'];
  readonly expiry: Expiry;
  readonly orders: OrderProcess;
  readonly reconciliation: Reconciliation;
  readonly counts: CountProcess;
  readonly cases: CaseProcess;
  readonly transfers: TransferProcess;
  readonly signals: Signals;
  readonly inbound: InboundProcess;
  readonly identifiers: IdentifiersProcess;
  readonly erps: Erps;
  readonly webhooks: Webhooks;
}

/** What a process manager may be given. `timers` is the only other source of time. */
export interface ProcessRoom extends ProcessBase, RunnerTime {
  readonly clock: TrustedClock;
  readonly actors: StockActors & StockReader;
  readonly publishing: Publishing;
  readonly readStatementOf: (channel: string) => ReadStatement | undefined;
  /** @throws Error for people: what is missing to reach the channel */
  readonly inboundOf: (channel: ChannelPolicy) => Inbound | undefined;
  /** @throws Error for people: what is missing to reach the ERP */
  readonly connectErp: (erp: ErpPolicy) => Erp;
  readonly connectWebhook: ConnectWebhook;
  readonly policy: () => Policy;
  /** The same, without what this node leaves to another (server/node-role.ts). */
  readonly outwardPolicy: () => Policy;
  readonly policies: PolicyBook;
  readonly timers: Timers;
  readonly checkpoints: Checkpoints;
  readonly cases: CaseSink;
  /** What `retry` does for the cases that this process raises. */
  readonly remedies: Remedies;
  /** How long what only lasts too long may last before it is a case, ms. */
  readonly casePatienceMs: number;
}

/** What runs: the process managers and what wakes them. `close` before the actors they send commands to. */
export interface RunningProcesses {
  readonly processes: Processes;
  readonly reactions: Reactions;
  close(): Promise<void>;
}

export async function openProcesses(given: Omit<ProcessRoom, 'cases' | 'remedies'>): Promise<RunningProcesses> {
  await using opened = new AsyncDisposableStack();
  const cases = opened.adopt(await openCases(given), (cases) => cases.close());
  const room: ProcessRoom = { ...given, cases: cases.sink, remedies: cases.remedies };
  const expiry = opened.adopt(await openExpiry(room), (expiry) => expiry.close());
  const { orders, reactions: ofOrders } = await openOrders(room);
  opened.defer(() => orders.close());
  const outward = { ...room, policy: room.outwardPolicy };
  const publishedProjection = PUBLISHED_PROJECTION;
  const erps = opened.adopt(openErps({ ...outward, sink: cases.sink }), (one) => one.close());
  const webhooks = opened.adopt(openWebhooks({ ...outward, sink: cases.sink }), (one) => one.close());
  const knows = (what: 'erps' | 'webhooks') => (id: string) =>
    room.policy().document[what]?.some((one) => one.id === id) ?? false;
  addErpRemedies(cases.remedies, erps, knows('erps'));
  addWebhookRemedies(cases.remedies, { webhooks, isKnown: knows('webhooks'), log: room.log });
  const reconciliation = opened.adopt(
    await openReconciliation({ ...outward, publishedProjection, books: erps }),
    (one) => one.close(),
  );
  gaugeReconciliation(room.telemetry, reconciliation, room.clock.now);
  const counts = opened.adopt(await openCounts(room), (counts) => counts.close());
  const { transfers, reactions: ofTransfers } = await openTransfers(room);
  opened.defer(() => transfers.close());
  const following: readonly Reaction[] = [cases.reaction, ...ofOrders, ...ofTransfers];
  const reactions = opened.adopt(await openReactions(room, following, cases), (reactions) => reactions.close());
  cases.follow(reactions);
  addCompareAgain(cases.remedies, reconciliation, room.hashes);
  const { rejected } = cases.cases;
  const inbound = opened.adopt(await openInbound({ ...room, orders, stocks: room.actors, rejected }), (one) =>
    one.close(),
  );
  const identifiers = openIdentifiers({
    ...room,
    mapped(system, what, ours, theirs) {
      inbound.mapped(system, what, theirs);
      if (what === 'sku') room.publishing.retryDeadLetter(system, ours);
    },
  });
  opened.defer(async () => identifiers.close());
  const running = opened.move();
  const { figuresUnder } = room.readModel;
  const published = () => room.readModel.projection(PUBLISHED_PROJECTION);
  const failingChannels = watchFailingChannels({ ...room, published, knownCases: cases.cases.reader });
  cases.remedies.add('breaker-open', 'channel:', recheckChannel(failingChannels, room.publishing));
  running.defer(() => failingChannels.close());
  const processes = {
    policies: room.policies,
    failingChannels,
    figuresUnder,
    expiry,
    orders,
    reconciliation,
    counts,
    transfers,
    cases: cases.cases,
    inbound,
    identifiers,
    erps,
    webhooks,
    signals: createSignals({ ...room.readModel, policy: room.policy }),
  };
  return { processes, reactions, close: () => running.disposeAsync() };
}

function openReactions(room: ProcessRoom, reactions: readonly Reaction[], cases: OpenedCases): Promise<Reactions> {
  const { log, checkpoints } = room;
  const { setAside, sink } = cases;
  return startReactions({ log, checkpoints, reactions, time: room, setAside, settled: sink.settled });
}
