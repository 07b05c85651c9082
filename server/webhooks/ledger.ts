// Writes how far a webhook has come: not after each event, which would cost the log an event an event, but after a hundred,
// after a few seconds, and whenever something is to be remembered. What is not written yet is sent again after a crash.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Position, RecordedEvent } from '../../domain/event-log.ts';
import { type Clock, SECOND } from '../../domain/time.ts';
import type { SetAside } from '../../domain/webhook/events.ts';
import type { NewWebhookEvent, WebhookRecord } from './record.ts';

export interface Ledger {
  /** Not written yet: up to where it has come; undefined: all is written. */
  upTo(): Position | undefined;
  /** Not written yet. */
  delivered(): number;
  /** How long what is not written may stay so, ms; 0: it is due, or there is nothing. */
  dueMs(): number;
  /** @param refused why it was set aside; undefined: it was taken */
  done(event: RecordedEvent, refused: string | undefined): Promise<void>;
  write(): Promise<void>;
  /** What is not written yet, which is for the caller to write. */
  take(): NewWebhookEvent | undefined;
}

export const UNWRITTEN_MAX = 100;
const UNWRITTEN_MS_MAX = 5 * SECOND;

export function createLedger(record: WebhookRecord, clock: Clock, timers: Timers): Ledger {
  let upTo: Position | undefined;
  let delivered = 0;
  let since = 0;

  const take = () => {
    if (upTo === undefined) return undefined;
    const entry = { type: 'WebhookDelivered' as const, upTo: String(upTo), delivered, finishedAt: clock.now() };
    upTo = undefined;
    delivered = 0;
    return entry;
  };
  const write = async (setAside?: readonly SetAside[]) => {
    const entry = take();
    if (entry !== undefined) await record.append([{ ...entry, ...(setAside && { setAside: [...setAside] }) }]);
  };
  return {
    upTo: () => upTo,
    delivered: () => delivered,
    dueMs: () => (upTo === undefined ? 0 : Math.max(0, Math.ceil(since + UNWRITTEN_MS_MAX - timers.now()))),
    async done(event, refused) {
      if (upTo === undefined) since = timers.now();
      upTo = event.position;
      if (refused !== undefined) {
        const { id, type, position } = event;
        return write([{ event: id, type, position: String(position), reason: refused, at: clock.now() }]);
      }
      delivered += 1;
      if (delivered >= UNWRITTEN_MAX || timers.now() - since >= UNWRITTEN_MS_MAX) await write();
    },
    write: () => write(),
    take,
  };
}
