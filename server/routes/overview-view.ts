// The overview as one key may see it: sections that need another scope, or a key without limits, are left out.
import type { Client } from '../auth/keys.ts';
import { hasScope, mayUseChannel } from '../auth.ts';
import type { Figures, ReconciliationFigures } from '../overview/figures.ts';
import type { Overview } from '../overview/overview.ts';
import type { Sample } from '../overview/samples.ts';
import { maySee } from './reconciliation/subject-access.ts';

export function overviewView(overview: Overview, client: Client, withHistory: boolean) {
  const figures = overview.now();
  const { commands, projections, oversold, cases, position } = figures;
  const sees = sightOf(client);
  return {
    at: text(figures.at),
    asOf: position.toString(),
    channels: figures.channels.filter(({ channel }) => mayUseChannel(client, channel)).map(channelView),
    projections: { lagMs: projections.lagMs, lagging: projections.isLagging, deadLetters: projections.deadLetters },
    ...(sees.stock && { commands: { perSecond: overview.commandsPerSecond(), ...commands }, oversold }),
    ...(sees.cases && { cases }),
    ...(sees.reconciliation && {
      reconciliation: figures.reconciliation.filter(({ subject }) => maySee(client, subject)).map(reconciliationView),
    }),
    ...(sees.erps && { erps: figures.erps.map(erpView) }),
    ...(sees.events && figures.seals && { seals: sealsView(figures.seals) }),
    ...(withHistory && { history: historyView(overview.samples(), client) }),
  };
}

function sightOf(client: Client) {
  const stock = client.locations === 'all';
  const reconciliation = hasScope(client, 'reconciliation:read');
  return {
    stock,
    reconciliation,
    cases: stock && client.channels === 'all' && hasScope(client, 'cases:read'),
    erps: stock && reconciliation,
    events: stock && client.channels === 'all' && hasScope(client, 'events:read'),
  };
}

function channelView({ channel, status, budgetMs, updates }: Figures['channels'][number]) {
  if (status === undefined) return { channel, budgetMs, updates };
  const { lastAcknowledgedAt, paused, ...rest } = status;
  const publishing = {
    ...rest,
    lastAcknowledgedAt: text(lastAcknowledgedAt),
    paused: paused && { ...paused, at: text(paused.at) },
  };
  return { channel, publishing, budgetMs, updates };
}

function reconciliationView({ subject, dueAt, failures, last }: ReconciliationFigures) {
  return {
    ...subject,
    dueAt: text(dueAt),
    failures,
    last: last && {
      ...{ id: last.id, at: text(last.at), state: last.stage },
      ...{ skus: last.compared, different: last.different },
    },
  };
}

function erpView({ erp, state, waiting, oldestWaitingMs, postedLastMinute, parked, nextTryAt, lastError }: Erp) {
  const next = nextTryAt !== undefined && Number.isFinite(nextTryAt) ? text(nextTryAt) : undefined;
  return { erp, state, waiting, oldestWaitingMs, postedLastMinute, parked, nextTryAt: next, lastError };
}
type Erp = Figures['erps'][number];

function sealsView({ last, dueAt, isOverdue, trouble }: NonNullable<Figures['seals']>) {
  return {
    last: last && { number: last.number, at: last.at, asOf: last.position, events: last.count },
    dueAt: text(dueAt),
    overdue: isOverdue,
    trouble: trouble && { ...trouble, since: text(trouble.since) },
  };
}

/** Columns: each figure with as many values as there are instants. */
function historyView(samples: readonly Sample[], client: Client) {
  const { stock, cases } = sightOf(client);
  const channels = new Set(samples.flatMap((sample) => [...sample.channels.keys()]));
  const seen = [...channels].filter((channel) => mayUseChannel(client, channel));
  const column = (of: (sample: Sample) => number | undefined) => samples.map((sample) => of(sample) ?? null);
  return {
    at: samples.map(({ at }) => at),
    ...(stock && {
      commandsPerSecond: column(({ commandsPerSecond }) => Math.round(commandsPerSecond * 10) / 10),
      oversold: column(({ oversold }) => oversold),
    }),
    ...(cases && { openCases: column(({ openCases }) => openCases) }),
    channels: Object.fromEntries(
      seen.map((channel) => [
        channel,
        {
          p50Ms: column((sample) => sample.channels.get(channel)?.p50Ms),
          p99Ms: column((sample) => sample.channels.get(channel)?.p99Ms),
          backlog: column((sample) => sample.channels.get(channel)?.backlog),
        },
      ]),
    ),
  };
}

function text(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
