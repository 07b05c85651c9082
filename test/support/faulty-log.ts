// Any event log with faults planted in front of it: each append asks the script what shall happen.
import { Conflict, type EventLog, Unavailable, UnknownOutcome } from '../../domain/event-log.ts';

/** What happens to one append. `lost` = unknown outcome, not written; `written` = unknown outcome, but written. */
export type AppendFault =
  | 'none'
  | 'conflict'
  | 'down'
  | 'disk-full'
  | 'lost'
  | 'written'
  | { readonly delayMs: number };

export interface FaultyLog extends EventLog {
  /** Faults of the next appends, first one first; afterwards none. */
  readonly script: AppendFault[];
  /** Appends attempted. */
  appends: number;
}

export function faulty(log: EventLog): FaultyLog {
  const self: FaultyLog = {
    ...log,
    script: [],
    appends: 0,
    async append(stream, expectedRevision, events) {
      self.appends += 1;
      const fault = self.script.shift() ?? 'none';
      if (fault === 'conflict') throw new Conflict(stream, expectedRevision);
      if (fault === 'down' || fault === 'disk-full') throw new Unavailable(fault, 'planted');
      if (fault === 'lost') throw new UnknownOutcome('planted');
      if (typeof fault === 'object') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      const appended = await log.append(stream, expectedRevision, events);
      if (fault === 'written') throw new UnknownOutcome('planted');
      return appended;
    },
  };
  return self;
}
