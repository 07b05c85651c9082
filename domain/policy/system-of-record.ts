// Systems of record: when what another system says differs from our figure, which of the two is right, and what is
// done about it. Said per channel or per location; reconciliation asks.
import { z } from 'zod';
import { ChannelId, LocationId } from '../stock/stream.ts';
import type { Issue } from './issue.ts';

export const SystemName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 ASCII letters, digits or . _ -')
  .meta({ description: 'A system, such as erp or pos-north' });

/** Evenstock itself. */
export const EVENSTOCK = 'evenstock';

/**
 * republish: tell the channel our figure again · count: take the other system's figure as a count ·
 * case: somebody decides.
 */
export const Correction = z.enum(['republish', 'count', 'case']);
export type Correction = z.infer<typeof Correction>;

export const SystemOfRecordEntry = z.strictObject({
  channel: ChannelId.optional(),
  location: LocationId.optional(),
  system: SystemName.meta({ description: 'The system that is right in a difference; evenstock: we are' }),
  correction: Correction.optional().meta({
    description:
      'Default: republish where evenstock is right at a channel, count where another is right at a location, else case',
  }),
});
export type SystemOfRecordEntry = z.output<typeof SystemOfRecordEntry>;

export interface SystemOfRecord {
  readonly system: string;
  readonly correction: Correction;
}

export type RecordSubject = { readonly channel: string } | { readonly location: string };

/** Unless said otherwise we are right: a channel is told again, a difference at a location is a case. */
export function systemOfRecordOf(entries: readonly SystemOfRecordEntry[], subject: RecordSubject): SystemOfRecord {
  const entry = entries.find((one) =>
    'channel' in subject ? one.channel === subject.channel : one.location === subject.location,
  );
  const system = entry?.system ?? EVENSTOCK;
  return { system, correction: entry?.correction ?? usual(system, 'channel' in subject) };
}

function usual(system: string, isChannel: boolean): Correction {
  if (isChannel) return system === EVENSTOCK ? 'republish' : 'case';
  return system === EVENSTOCK ? 'case' : 'count';
}

interface Named {
  readonly knowsChannel: (id: string) => boolean;
  readonly knowsLocation: (id: string) => boolean;
}

export function systemOfRecordIssues(entries: readonly SystemOfRecordEntry[], known: Named, issue: Issue): void {
  entries.forEach(({ channel, location, system, correction }, n) => {
    if ((channel === undefined) === (location === undefined)) {
      issue([n], 'must name a channel or a location, and not both');
      return;
    }
    const first = entries.findIndex((one) => one.channel === channel && one.location === location);
    if (first !== n) issue([n], `${channel ?? location} is defined twice`);
    if (channel !== undefined && !known.knowsChannel(channel)) issue([n, 'channel'], `unknown channel ${channel}`);
    if (location !== undefined && !known.knowsLocation(location)) {
      issue([n, 'location'], `unknown location ${location}`);
    }
    if (correction === 'republish' && (channel === undefined || system !== EVENSTOCK)) {
      issue([n, 'correction'], 'republish is for a channel where evenstock is right');
    }
    if (correction === 'count' && (location === undefined || system === EVENSTOCK)) {
      issue([n, 'correction'], 'count is for a location where another system is right');
    }
  });
}
