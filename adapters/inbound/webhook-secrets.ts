// The secrets that a channel may sign with: the one in use and, while it is being replaced, the next. They are read at
// every delivery, so a file with one can be replaced while the server runs and no delivery is refused in between.
import type { VendorChannel } from '../channels/vendor.ts';
import { MissingSecret } from '../secrets.ts';

const NEXT = 'NEXT';

/**
 * `<secretEnv>_<suffix>` and `<secretEnv>_<suffix>_NEXT`, as far as they are set; without a suffix `<secretEnv>` itself.
 * @throws MissingSecret when neither is
 */
export function webhookSecrets({ secret }: Pick<VendorChannel, 'secret'>, suffix: string | undefined): string[] {
  const next = optional(() => secret(suffix === undefined ? NEXT : `${suffix}_${NEXT}`));
  const current = next === undefined ? secret(suffix) : optional(() => secret(suffix));
  return [current, next].filter((one) => one !== undefined);
}

/** So that they are hidden in what the channel sends back. A missing one is no reason not to publish. */
export function concealWebhookSecrets(channel: Pick<VendorChannel, 'secret'>, suffix: string): void {
  optional(() => webhookSecrets(channel, suffix));
}

function optional<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MissingSecret) return undefined;
    throw error;
  }
}
