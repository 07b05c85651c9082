// What `retry` does about values that a channel refused.
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { Remedy } from './remedies.ts';

/** Tells the channel the present value; the case closes when it confirms one. */
export function publishAgain({
  publishing,
}: {
  readonly publishing: Pick<Publishing, 'retryDeadLetter' | 'republish'>;
}): Remedy {
  return ({ subject: { channel = '', sku = '' } }) => {
    const isSent = publishing.retryDeadLetter(channel, sku) > 0 || publishing.republish(channel, sku);
    const detail = isSent
      ? `${sku} is told to ${channel} again; the case closes when it confirms`
      : `${sku} is under way to ${channel} already, or the channel is not published to`;
    return { isGone: false, detail };
  };
}
