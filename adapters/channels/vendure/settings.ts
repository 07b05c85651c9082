// What a policy says of a Vendure shop in `connector.settings`. Its `url` is that of the Admin API, such as
// https://shop.example.com/admin-api.
import { z } from 'zod';
import { InstantText } from '../../../domain/stock/commands.ts';

const VendureId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id that Vendure shows');

export const VendureSettings = z.strictObject({
  /** Of an administrator; then the secret is the password. Absent: the secret is an API key. */
  username: z.string().min(1).max(200).optional(),
  /** The stock location whose on-hand Evenstock writes. */
  stockLocation: VendureId,
  /** Of the Vendure channel, as in its header `vendure-token`. Absent: the default channel. */
  channelToken: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters without spaces')
    .optional(),
  /** Orders that were placed before are no business of Evenstock's: when its figures were taken on, their units had left. */
  ordersSince: InstantText,
  /** Its changes are told by signed webhooks too, not only found by asking. Their secret is `<secretEnv>_WEBHOOK`. */
  webhook: z.boolean().default(true),
});
export type VendureSettings = z.output<typeof VendureSettings>;
