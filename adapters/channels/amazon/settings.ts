// What a policy says of an Amazon channel under `connector.settings`. One channel is one seller in one marketplace.
// docs/channels/amazon.md describes each for whoever writes a policy.
import { z } from 'zod';
import { InstantText } from '../../../domain/stock/commands.ts';

/** Login with Amazon, for all regions of the Selling Partner API. */
export const LWA_TOKEN_URL = 'https://api.amazon.com/auth/o2/token';

const Minutes = z.number().min(0.01).max(1_440);

export const AmazonSettings = z
  .strictObject({
    sellerId: z.string().regex(/^[A-Z0-9]{6,20}$/, 'must be a merchant token, such as A3TH9S8BH6GOGM'),
    marketplaceId: z.string().regex(/^[A-Z0-9]{8,20}$/, 'must be a marketplace id, such as A1PA6795UKMFR9'),
    tokenUrl: z.url({ protocol: /^https?$/ }).default(LWA_TOKEN_URL),
    /** Which of Amazon's two ways to tell quantities. */
    api: z.enum(['listings', 'external-fulfillment']).default('listings'),
    /** Whether many changes at once may go as a feed. Only `listings`. */
    feeds: z.boolean().default(true),
    /** From one feed to the next. Amazon advises 20 minutes for feeds of one type, and creates none more often than in 2. */
    feedEveryMinutes: Minutes.default(20),
    /** After which an accepted quantity that is not shown is told again; a feed's by patches. */
    patchSettlesMinutes: Minutes.default(5),
    feedSettlesMinutes: Minutes.default(30),
    /** Of listings whose identifier names none; Amazon takes PRODUCT for changes of an offer. */
    productType: z.string().min(1).max(100).default('PRODUCT'),
    /** The network that the quantity is for: DEFAULT is the seller's own. */
    fulfillmentChannelCode: z.string().min(1).max(50).default('DEFAULT'),
    /** `replace` drops what else stands beside the quantity, such as a handling time; `merge` leaves it. */
    patchOperation: z.enum(['replace', 'merge']).default('replace'),
    /** Handling time in days, told with every quantity. */
    leadTimeToShipMaxDays: z.int().min(0).max(60).optional(),
    /** Location of External Fulfillment. */
    locationId: z.string().min(1).max(100).default('DEFAULT'),
    channelName: z.enum(['MFN', 'FBA', 'DF']).default('MFN'),
    orders: z.enum(['none', 'poll', 'poll-and-notifications']).default('poll'),
    /** Orders changed before are not read; default: from the first poll on. */
    ordersFrom: InstantText.optional(),
  })
  .meta({ id: 'AmazonSettings' });
export type AmazonSettings = z.output<typeof AmazonSettings>;
