// How fresh a channel's figures are promised to be: a service level objective. "99 % within 60 s" promises that 99 of 100
// figures which an event changed are shown by the channel within 60 s of that event being recorded here. How old the event
// was by then is its source's matter, and measured apart.
import { z } from 'zod';
import type { Issue } from '../policy/issue.ts';
import { unique } from '../policy/issue.ts';
import { ChannelId } from '../stock/stream.ts';

export const FreshnessObjective = z.strictObject({
  channel: ChannelId,
  withinSeconds: z.int().min(1).max(86_400).meta({ description: 'From the recorded event to the channel showing it' }),
  objective: z
    .number()
    .min(0.5)
    .max(0.9999)
    .default(0.99)
    .meta({ description: 'Share of the figures that keep to it' }),
});
export type FreshnessObjective = z.output<typeof FreshnessObjective>;

/** One for each channel at most; a channel without one is measured and not judged. */
export const FreshnessObjectives = z.array(FreshnessObjective).optional();

export function freshnessIssues(
  objectives: readonly FreshnessObjective[] = [],
  knowsChannel: (id: string) => boolean,
  issue: Issue,
): void {
  unique(
    objectives.map(({ channel }) => ({ id: channel })),
    issue,
  );
  objectives.forEach(({ channel }, n) => {
    if (!knowsChannel(channel)) issue([n, 'channel'], `unknown channel ${channel}`);
  });
}
