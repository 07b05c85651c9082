// Which runs a key may see and start: those of its channels and locations.
import type { Subject } from '../../../domain/reconciliation/subject.ts';
import type { Client } from '../../auth/keys.ts';
import { mayUseChannel, mayUseLocation, requireChannel, requireLocation } from '../../auth.ts';

export function maySee(client: Client, subject: Subject): boolean {
  return 'channel' in subject ? mayUseChannel(client, subject.channel) : mayUseLocation(client, subject.location);
}

/** @throws HttpProblem `forbidden` */
export function requireSubject(client: Client, subject: Subject): void {
  if ('channel' in subject) requireChannel(client, subject.channel);
  else requireLocation(client, subject.location);
}
