// Follows the log and raises what its events show; what they show to be gone is cleared.
import type { CaseSink } from '../../domain/exception/cause.ts';
import { shownBy } from '../../domain/exception/event-causes.ts';
import type { Reaction } from '../reactions/reactions.ts';

/** @param ready the read model is as the log was when it was opened: before that, what lasts is not known */
export function raiseFromEvents(sink: Pick<CaseSink, 'raise' | 'cleared'>, ready: Promise<void>): Reaction {
  let isReady = false;
  return {
    name: 'cases',
    async on(event) {
      if (!isReady) {
        await ready;
        isReady = true;
      }
      const { causes, gone } = shownBy(event);
      for (const cause of causes) sink.raise(cause);
      for (const { kind, key } of gone) sink.cleared(kind, key, event.position);
    },
  };
}
