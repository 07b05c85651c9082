// What `retry` does for the cases that reconciliation raises: a figure is told again, or the channel is compared again.
// Whether the cause is gone is for a comparison to say, so such a case closes with the next run that finds it gone.
import type { ReadStatement } from '../../adapters/channels/statement.ts';
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { Remedies } from '../cases/remedies.ts';
import type { Reconciler } from './reconciler.ts';

export interface RemedyRoom {
  readonly remedies: Pick<Remedies, 'add'>;
  readonly publishing: Pick<Publishing, 'republish' | 'isInFlight'>;
  readonly reconciler: Pick<Reconciler, 'start'>;
  readonly readStatementOf: (channel: string) => ReadStatement | undefined;
  readonly now: () => number;
}

/** How the keys of all of them begin, for a channel. */
const OF_CHANNELS = 'reconciliation:channel:';

export function addRemedies({ remedies, publishing, reconciler, readStatementOf, now }: RemedyRoom): void {
  remedies.add('drift', OF_CHANNELS, async ({ subject: { channel, sku }, id }) => {
    if (channel === undefined) return { isGone: false, detail: 'it names no channel' };
    if (sku !== undefined) {
      const isTold = publishing.republish(channel, sku) || publishing.isInFlight(channel, sku);
      const detail = isTold
        ? `the figure of ${sku} is told again; the next comparison closes the case if it agrees`
        : `${channel} is not published to now`;
      return { isGone: false, detail };
    }
    const read = readStatementOf(channel);
    if (read === undefined) return { isGone: false, detail: `${channel} cannot be asked: upload its statement` };
    const started = await reconciler.start({
      ...{
        id: `retry-${now().toString(36)}-${id.slice(-8)}`,
        subject: { channel },
        cause: 'on-demand',
        by: 'evenstock',
      },
      ...{ correct: true, source: { kind: 'adapter', read } },
    });
    return { isGone: false, detail: started.outcome === 'refused' ? started.detail : `run ${started.id} has begun` };
  });
}
