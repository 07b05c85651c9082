// Reconciliation schedules: which channel or other system is compared how often, and how often a correction of one
// difference is tried before somebody must look.
import { z } from 'zod';
import { ChannelId } from '../stock/stream.ts';
import type { Issue } from './issue.ts';
import { SystemName } from './system-of-record.ts';

const Schedule = z.strictObject({
  channel: ChannelId.optional(),
  system: SystemName.optional().meta({ description: 'Instead of a channel: another system, such as the ERP' }),
  everyMinutes: z.int().min(1).max(44_640),
});
export type ReconciliationSchedule = z.output<typeof Schedule>;

export const Reconciliation = z.strictObject({
  schedules: z.array(Schedule).default([]),
  correctionsMax: z
    .int()
    .min(0)
    .max(100)
    .default(3)
    .meta({ description: 'Corrections of one difference before it is left to a case' }),
  settleMinutes: z
    .int()
    .min(0)
    .max(10_080)
    .default(15)
    .meta({ description: 'How late another system may book what happened, and tell what it sold' }),
});
export type Reconciliation = z.output<typeof Reconciliation>;

export function reconciliationIssues(
  { schedules }: Reconciliation,
  knowsChannel: (id: string) => boolean,
  issue: Issue,
): void {
  schedules.forEach(({ channel, system }, n) => {
    if ((channel === undefined) === (system === undefined)) {
      issue(['schedules', n], 'must name a channel or a system, and not both');
      return;
    }
    const first = schedules.findIndex((one) => one.channel === channel && one.system === system);
    if (first !== n) issue(['schedules', n], `${channel ?? system} is scheduled twice`);
    if (channel !== undefined && !knowsChannel(channel)) {
      issue(['schedules', n, 'channel'], `unknown channel ${channel}`);
    }
  });
}
