// evenstock till lend, return and renew: units that only a till may sell while it is offline.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ConfigError } from '../../config.ts';
import { askServer, type ServerOptions } from '../ask-server.ts';

interface EscrowOptions extends ServerOptions {
  readonly location: string;
  readonly id?: string;
  readonly json?: boolean;
}

const SOME_NOT_DONE = 2;
const Answer = z.object({
  lines: z.array(
    z.object({
      sku: z.string(),
      outcome: z.string(),
      duplicate: z.boolean().optional(),
      quantity: z.int().optional(),
      reason: z.string().optional(),
      detail: z.string().optional(),
    }),
  ),
});

export async function lend(
  device: string,
  given: readonly string[],
  options: EscrowOptions & { readonly channel: string; readonly until: string },
): Promise<void> {
  const lines = given.map((text) => {
    const [, sku, units] = /^(.+)=(\d{1,9})$/.exec(text) ?? [];
    if (sku === undefined) throw new ConfigError(`${JSON.stringify(text)} is no SKU=units, such as TEE=5`);
    return { sku, quantity: Number(units) };
  });
  const { channel, until } = options;
  await send(device, { type: 'lend', channel, expiresAt: until, lines }, options);
}

export async function giveBack(device: string, skus: readonly string[], options: EscrowOptions): Promise<void> {
  const lines = skus.length === 0 ? undefined : skus.map((sku) => ({ sku }));
  await send(device, { type: 'return', lines }, options);
}

export async function renew(
  device: string,
  skus: readonly string[],
  options: EscrowOptions & { readonly until: string },
): Promise<void> {
  await send(device, { type: 'renew', expiresAt: options.until, skus: skus.length === 0 ? undefined : skus }, options);
}

/** Sets the exit code: 2 when something was not done. */
async function send(device: string, command: object, options: EscrowOptions): Promise<void> {
  const { location, id = randomUUID() } = options;
  const body = { ...command, id, location };
  const answer = await askServer(`/v1/tills/${encodeURIComponent(device)}/escrow`, options, body);
  const { lines } = Answer.parse(answer);
  if (options.json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else if (lines.length === 0) process.stdout.write(`nothing is lent to ${device} at ${location}\n`);
  else {
    for (const { sku, outcome, quantity, duplicate, reason, detail } of lines) {
      const units = quantity === undefined ? '' : ` ${quantity}`;
      const again = duplicate === true ? ', was done already' : '';
      process.stdout.write(
        `${sku}${units}: ${reason === undefined ? `done${again}` : `${outcome}, ${reason}: ${detail}`}\n`,
      );
    }
  }
  if (lines.some(({ outcome }) => outcome !== 'accepted')) process.exitCode = SOME_NOT_DONE;
}
