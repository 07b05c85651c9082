// The webhooks that the plugin of a simulated shop sends: signed, naming the order, tried a few times.
import { SIGNATURE_HEADER, sign, TIMESTAMP_HEADER } from '../../signature.ts';

export interface SignedNotice {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function signedNotice(orderId: string, secret: string, atMs: number, other?: string): SignedNotice {
  const body = other ?? JSON.stringify({ id: crypto.randomUUID(), event: 'order', orderIds: [orderId] });
  const timestamp = String(Math.floor(atMs / 1_000));
  const headers = {
    'content-type': 'application/json',
    [TIMESTAMP_HEADER]: timestamp,
    [SIGNATURE_HEADER]: sign(secret, timestamp, body),
  };
  return { body, headers };
}

const TRIES = 3;
const TIMEOUT_MS = 5_000;

/** Never rejects: what cannot be delivered is left to the poll. */
export async function deliver(url: string, orderId: string, secret: string, now = Date.now): Promise<void> {
  for (let n = 1; n <= TRIES; n += 1) {
    const { body, headers } = signedNotice(orderId, secret, now());
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(url, { method: 'POST', headers, body, signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100 * n));
  }
}
