// Which ERPs keep the books, how they are reached, and which movements each of them gets. What an adapter wants to know
// beyond that (codes of its own places, a company) stands under `settings` and is judged by the adapter.
import { z } from 'zod';
import { type Issue, unique } from '../policy/issue.ts';
import { Id } from '../stock/commands.ts';
import { LocationId } from '../stock/stream.ts';
import { MOVEMENT_KINDS } from './movement.ts';
import { MaintenanceWindow } from './window.ts';

/** Receipts are the ERP's to tell. A count that another system made moves its books like an adjustment. */
const USUAL_MOVEMENTS = MOVEMENT_KINDS.filter((kind) => kind !== 'receipt');

export const ERP_READS = ['receipts', 'counts'] as const;
export type ErpReads = (typeof ERP_READS)[number];

export const ErpPolicy = z.strictObject({
  id: LocationId.meta({
    description: 'Its name: the source of what it tells, the system that identifiers and schedules name',
  }),
  type: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be the name of an adapter, such as tryton')
    .meta({ description: 'The adapter' }),
  url: z.url({ protocol: /^https?$/ }),
  database: z.string().min(1).max(64).optional(),
  user: z.string().min(1).max(128).optional(),
  secretEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .meta({
      description: 'Environment variable that holds the secret, or the path of a file with it under <name>_FILE',
    }),
  settings: z
    .record(z.string().max(64), z.json())
    .optional()
    .meta({ description: 'What the adapter asks for besides (docs of the adapter)' }),
  on: z.boolean().default(true).meta({ description: 'Off: nothing is posted or read; the queue grows' }),
  locations: z.array(LocationId).min(1).optional().meta({ description: 'Whose books it keeps; default: all' }),
  movements: z
    .array(z.enum(MOVEMENT_KINDS))
    .min(1)
    .default([...USUAL_MOVEMENTS])
    .meta({ description: 'What is posted; other kinds it learns from elsewhere' }),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'What was recorded before is in its books already; default: nothing is' }),
  ownSources: z
    .array(Id)
    .default([])
    .meta({ description: 'Sources, besides itself, whose facts it books itself: not posted back' }),
  warnings: z
    .array(z.string().min(1).max(128))
    .default([])
    .meta({ description: 'Warnings that may be acknowledged, by the name the ERP gives them; * stands for anything' }),
  windows: z.array(MaintenanceWindow).max(50).default([]).meta({ description: 'When it is not called' }),
  onRefusal: z.enum(['park', 'hold']).default('park').meta({
    description: 'park: what it refuses waits apart with all later movements of its SKU; hold: everything waits',
  }),
  reads: z
    .array(z.enum(ERP_READS))
    .default([...ERP_READS])
    .meta({ description: 'What is read from it' }),
  pollSeconds: z.int().min(5).max(86_400).default(60),
  batchSize: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .meta({ description: 'Movements in one call; lowers what the adapter says' }),
  ratePerSecond: z
    .number()
    .positive()
    .max(1_000)
    .optional()
    .meta({ description: 'Batches; lowers what the adapter says' }),
  timeoutMs: z.int().min(50).max(300_000).default(30_000),
});
export type ErpPolicy = z.output<typeof ErpPolicy>;

export const ErpPolicies = z.array(ErpPolicy).max(20);

export function erpIssues(
  erps: readonly ErpPolicy[] | undefined,
  knowsLocation: (id: string) => boolean,
  issue: Issue,
): void {
  if (erps === undefined) return;
  unique(erps, issue);
  for (const [n, { locations = [], movements, windows }] of erps.entries()) {
    locations.forEach((location, l) => {
      if (!knowsLocation(location)) issue([n, 'locations', l], `unknown location ${location}`);
      if (locations.indexOf(location) !== l) issue([n, 'locations', l], `${location} is listed twice`);
    });
    movements.forEach((kind, m) => {
      if (movements.indexOf(kind) !== m) issue([n, 'movements', m], `${kind} is listed twice`);
    });
    windows.forEach(({ from, to }, w) => {
      if (from === to) issue([n, 'windows', w, 'to'], 'must differ from `from`: for all day, switch it off');
    });
  }
}
