// evenstock till show: what has arrived of a till, what is missing, and what is lent to it.
import { z } from 'zod';
import { askServer, type ServerOptions } from '../ask-server.ts';

export const Arrived = z.object({
  highest: z.int(),
  missing: z.int(),
  gaps: z.array(z.object({ from: z.int(), to: z.int() })),
  lastSeenAt: z.string().optional(),
});
export type Arrived = z.infer<typeof Arrived>;

const Lent = z.object({ sku: z.string(), location: z.string(), quantity: z.int(), expiresAt: z.string() });
const Till = z.object({ arrived: Arrived.optional(), lent: z.array(Lent) });

export async function showTill(device: string, options: ServerOptions & { readonly json?: boolean }): Promise<void> {
  const answer = await askServer(`/v1/tills/${encodeURIComponent(device)}`, options);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const { arrived, lent } = Till.parse(answer);
  process.stdout.write(arrived === undefined ? `nothing has arrived of ${device}\n` : `${inWords(device, arrived)}\n`);
  for (const { sku, location, quantity, expiresAt } of lent) {
    process.stdout.write(`  lent: ${quantity} of ${sku} at ${location} until ${expiresAt}\n`);
  }
}

export function inWords(device: string, { highest, missing, gaps }: Arrived): string {
  if (missing === 0) return `${device} has arrived up to counter ${highest}, nothing is missing`;
  const shown = gaps.slice(0, 10).map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
  const more = gaps.length > shown.length ? ' …' : '';
  return `${device} has arrived up to counter ${highest}; ${missing} missing: ${shown.join(', ')}${more}`;
}
