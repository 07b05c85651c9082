// How far one webhook has come, folded from its stream alone.
import type { Position } from '../event-log.ts';
import type { Instant } from '../time.ts';
import type { ProgressJson, SetAside, WebhookEvent } from './events.ts';

export interface Progress {
  /** All events up to it that the webhook is to be told of are taken, or set aside. */
  readonly upTo: Position;
  /** Since the beginning; a replay counts again. */
  readonly delivered: number;
  readonly setAside: number;
  /** The last of them that were not taken since, oldest first. */
  readonly lastSetAside: readonly SetAside[];
  /** When it was written last that an event was taken: some seconds later than it was. */
  readonly lastDeliveredAt: Instant | undefined;
  readonly off: ProgressJson['off'];
}

/** Each is in the log for ever; the progress carries a few for people to look at. */
const SET_ASIDE_SHOWN = 20;

export function newProgress(upTo: Position): Progress {
  return { upTo, delivered: 0, setAside: 0, lastSetAside: [], lastDeliveredAt: undefined, off: undefined };
}

export function evolveProgress(progress: Progress, event: WebhookEvent): Progress {
  switch (event.type) {
    case 'WebhookStarted':
    case 'WebhookProgressCarried':
    case 'WebhookStopped':
      return progressOf(event.progress);
    case 'WebhookDelivered': {
      const { delivered, setAside = [] } = event;
      const upTo = BigInt(event.upTo);
      // What lies between was sent, and so was sent once more where a replay went back behind it.
      const untouched = progress.lastSetAside.filter(({ position }) => {
        return BigInt(position) <= progress.upTo || BigInt(position) > upTo;
      });
      return {
        ...progress,
        upTo,
        delivered: progress.delivered + delivered,
        lastDeliveredAt: delivered > 0 ? event.finishedAt : progress.lastDeliveredAt,
        setAside: progress.setAside + setAside.length,
        lastSetAside: [...untouched, ...setAside].slice(-SET_ASIDE_SHOWN),
      };
    }
    case 'WebhookResent': {
      const lastSetAside = progress.lastSetAside.filter((one) => one.event !== event.event);
      return { ...progress, delivered: progress.delivered + 1, lastDeliveredAt: event.finishedAt, lastSetAside };
    }
    case 'WebhookReplayAsked':
      // Who asks for a replay wants it to be called again.
      return { ...progress, upTo: BigInt(event.after), off: undefined };
    case 'WebhookSwitchedOff':
      return { ...progress, off: event.off };
    case 'WebhookHeld':
      return progress;
  }
}

export function progressJson({ upTo, off, lastDeliveredAt, lastSetAside, ...rest }: Progress): ProgressJson {
  return {
    ...{ upTo: String(upTo), ...rest, lastSetAside: [...lastSetAside] },
    ...(lastDeliveredAt !== undefined && { lastDeliveredAt }),
    ...(off && { off }),
  };
}

export function progressOf({ upTo, off, lastDeliveredAt, ...rest }: ProgressJson): Progress {
  return { ...rest, upTo: BigInt(upTo), lastDeliveredAt, off };
}
