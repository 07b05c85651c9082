// What can be said of what another system calls our SKUs and locations: a line each, in a file or a request.
import { z } from 'zod';
import { LocationId, Sku } from '../stock/stream.ts';

export const NAMED = ['sku', 'location'] as const;
export type Named = (typeof NAMED)[number];

/** Ids of theirs that may mean one of our names. */
export const ALIASES_MAX = 20;
/** Of one system, SKUs and locations, with aliases. */
export const IDS_MAX = 1_000_000;
const MORE_MAX = 8;

const plain = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.trim() === text, 'must not begin or end with a space')
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not have control characters or half characters in it');

/** An id as the other system writes it. */
export const TheirId = plain(256).meta({ description: "The system's own id", example: 'gid://shop/Variant/4711' });

const more = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must be a short name'), plain(256))
  .refine((ids) => Object.keys(ids).length <= MORE_MAX, `may have ${MORE_MAX} at most`)
  .optional()
  .meta({ description: 'Further ids that some of its calls want, such as an offer or the parent product' });

const action = z
  .enum(['map', 'replace', 'alias', 'unmap'])
  .default('map')
  .meta({
    description:
      'map: it is called so · replace: it is called so from now on, and the id it had stays an alias · ' +
      'alias: this id means it as well · unmap: this id means it no more',
  });

const OURS = { sku: Sku, location: LocationId } as const satisfies Record<Named, z.ZodType<string>>;

export const IdentifierLine = z
  .strictObject({
    what: z.enum(NAMED).default('sku'),
    ours: z.string().min(1).max(64).meta({ description: 'The SKU or location, as the policy knows it' }),
    theirs: TheirId,
    more,
    action,
  })
  .superRefine(({ what, ours, action, more }, context) => {
    const message = OURS[what].safeParse(ours).error?.issues[0]?.message;
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['ours'], message });
    if (more === undefined || action === 'map' || action === 'replace') return;
    context.addIssue({ code: 'custom', path: ['more'], message: `is not for ${action}` });
  })
  .meta({ id: 'IdentifierLine' });
export type IdentifierLine = z.output<typeof IdentifierLine>;
