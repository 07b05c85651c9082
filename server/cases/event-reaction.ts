// Follows the log and raises what its events show; what they show to be gone is cleared.
import { Unavailable } from '../../domain/event-log.ts';
import type { CaseSink } from '../../domain/exception/cause.ts';
import { mayShow, shownBy } from '../../domain/exception/event-causes.ts';
import type { Reaction } from '../reactions/reactions.ts';

/** @param isReady the read model is as the log was when it was opened: before that, what lasts is not known */
export function raiseFromEvents(sink: Pick<CaseSink, 'raise' | 'cleared'>, isReady: () => boolean): Reaction {
  return {
    name: 'cases',
    concerns: mayShow,
    on(event) {
      // Not waited for here: whoever stops the server must not wait for a long catch-up.
      if (!isReady()) throw new Unavailable('down', 'the read model has not caught up with the log');
      const { causes, gone } = shownBy(event);
      for (const cause of causes) sink.raise(cause);
      for (const { kind, key } of gone) sink.cleared(kind, key, event.position);
    },
  };
}
