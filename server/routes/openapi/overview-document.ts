// The overview as the API shows it. Imports only zod and such shapes: the dashboard takes its types from here.
import { z } from 'zod';
import { PublishingState } from './publishing-state.ts';

const count = z.int().min(0);
const ms = z.number().min(0);
const instant = z.iso.datetime({ offset: true });
const counts = (description: string) => z.record(z.string(), count).meta({ description });
const series = (description: string) => z.array(z.number().nullable()).meta({ description });

export const OverviewChannel = z
  .looseObject({
    channel: z.string(),
    publishing: PublishingState.optional().meta({ description: 'Absent: nothing is published to it' }),
    budgetMs: ms.optional().meta({ description: 'What the policy gives an update until the channel shows it' }),
    updates: z
      .strictObject({ confirmed: count, refused: count, unknown: count, postponed: count })
      .meta({ description: 'By what became of them, since the beginning' }),
  })
  .meta({ id: 'OverviewChannel' });

export const OverviewErp = z
  .looseObject({
    erp: z.string(),
    state: z.string(),
    waiting: count.meta({ description: 'Events that wait to be posted' }),
    oldestWaitingMs: ms,
    postedLastMinute: count,
    parked: count.meta({ description: 'Movements that wait apart' }),
    nextTryAt: instant.optional(),
    lastError: z.string().optional(),
  })
  .meta({ id: 'OverviewErp' });

export const OverviewReconciliation = z
  .strictObject({
    channel: z.string().optional(),
    system: z.string().optional(),
    location: z.string().optional(),
    dueAt: instant.optional().meta({ description: 'When it is compared next by schedule' }),
    failures: count.meta({ description: 'Runs that failed since one completed' }),
    last: z
      .strictObject({
        id: z.string(),
        at: instant,
        state: z.string(),
        skus: count.optional(),
        different: count.optional(),
      })
      .optional(),
  })
  .meta({ id: 'OverviewReconciliation' });

export const OverviewSeals = z
  .strictObject({
    last: z
      .strictObject({
        number: z.int().min(1),
        at: instant,
        asOf: z.string().meta({ description: 'Position of the last event that it covers' }),
        events: count.meta({ description: 'All that are sealed' }),
      })
      .optional()
      .meta({ description: 'Absent: none yet, or not known yet' }),
    dueAt: instant,
    overdue: z.boolean().meta({ description: 'It has been due for longer than it takes' }),
    trouble: z
      .strictObject({
        kind: z.enum(['altered', 'failed']).meta({
          description: '`altered`: the log or its seals are not what was written. `failed`: no seal could be made',
        }),
        what: z.array(z.string()).meta({ description: 'Each with its place, as far as it has one' }),
        since: instant,
      })
      .optional(),
  })
  .meta({ id: 'OverviewSeals' });

export const OverviewDocument = z
  .looseObject({
    at: instant,
    asOf: z.string().meta({ description: 'Position of the figures' }),
    channels: z.array(OverviewChannel).meta({ description: 'Those that the key may see, in the order of the policy' }),
    commands: z
      .strictObject({
        perSecond: z.number().min(0).meta({ description: 'Over the last few seconds' }),
        taken: count,
        duplicates: count.meta({ description: 'Had been taken before' }),
        refused: count,
        failed: count.meta({ description: 'Told to come again' }),
        conflicts: count.meta({ description: 'Appends that another writer overtook; judged again' }),
      })
      .optional()
      .meta({ description: 'Since this server started. Only for a key that may see all locations' }),
    projections: z.strictObject({ lagMs: ms, lagging: z.boolean(), deadLetters: count }),
    oversold: z
      .strictObject({ stocks: count, units: count })
      .optional()
      .meta({ description: 'SKU-locations promised beyond what is there. Only for a key that may see all locations' }),
    cases: z
      .strictObject({
        open: count,
        overdue: count,
        bySeverity: counts('Open ones'),
        byAge: counts('Open ones'),
        byKind: counts('Open ones'),
      })
      .optional()
      .meta({ description: 'With cases:read, for a key without limits' }),
    reconciliation: z.array(OverviewReconciliation).optional().meta({ description: 'With reconciliation:read' }),
    erps: z
      .array(OverviewErp)
      .optional()
      .meta({ description: 'With reconciliation:read, for a key that may see all locations' }),
    seals: OverviewSeals.optional().meta({
      description: 'With events:read, for a key without limits; absent where this node does not seal its log',
    }),
    history: z
      .strictObject({
        at: z.array(z.number()).meta({ description: 'ms since the epoch, ascending' }),
        commandsPerSecond: series('As many as there are instants').optional(),
        oversold: series('SKU-locations').optional(),
        openCases: series('Cases').optional(),
        channels: z.record(
          z.string(),
          z.strictObject({ p50Ms: series('Lag'), p99Ms: series('Lag'), backlog: series('SKUs to tell') }),
        ),
      })
      .optional()
      .meta({
        description: 'The last half hour, a sample every 5 s. In the first message of a stream, and in an answer',
      }),
  })
  .meta({ id: 'Overview' });
