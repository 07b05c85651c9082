// What is compared with what: a channel's figures with what it shows, or our on-hand at a location with the books of
// another system, such as an ERP. One subject has one run at a time.
import { z } from 'zod';
import { SystemName } from '../policy/system-of-record.ts';
import { ChannelId, LocationId } from '../stock/stream.ts';

export const Subject = z.union([
  z.strictObject({ channel: ChannelId }),
  z.strictObject({ system: SystemName, location: LocationId }),
]);
export type Subject = z.output<typeof Subject>;

/** Unique, and the same for ever: part of the keys of cases. */
export function subjectKey(subject: Subject): string {
  return 'channel' in subject ? `channel:${subject.channel}` : `location:${subject.location}:${subject.system}`;
}

/** For people. */
export function subjectText(subject: Subject): string {
  return 'channel' in subject ? `channel ${subject.channel}` : `${subject.system} at ${subject.location}`;
}
