// `BatchChangeInventory` as Square documents it: all changes or none, times of the last 24 hours and not of the future, a
// repeat of the same key answered as the first time and with another content refused.
import { z } from 'zod';
import { countJson, type SquareError } from './answers.ts';
import type { Pos } from './pos.ts';

const DAY_MS = 24 * 3_600_000;
const CHANGES_MAX = 100;
const KEYS_MAX = 10_000;

const Count = z.object({
  type: z.literal('PHYSICAL_COUNT'),
  physical_count: z.object({
    catalog_object_id: z.string(),
    location_id: z.string(),
    state: z.literal('IN_STOCK'),
    quantity: z.string().regex(/^\d{1,20}(\.\d{1,5})?$/),
    occurred_at: z.iso.datetime({ offset: true }),
  }),
});
/** `changes` is judged here, so that its length is refused as Square refuses it. */
const Request = z.object({ idempotency_key: z.string().min(1).max(128), changes: z.array(z.unknown()) });
type Change = z.output<typeof Count>['physical_count'];

export interface Changed {
  readonly status: 200 | 400 | 404;
  readonly body: object;
}

/** `refused`: variations that it does not know any more. */
export function createBatchChange(
  pos: Pos,
  now: () => number,
): (raw: unknown, refused: ReadonlySet<string>) => Changed {
  const answered = new Map<string, { readonly content: string; readonly body: object }>();
  return (raw, refused) => {
    const request = Request.safeParse(raw);
    if (!request.success) return errors(400, 'MISSING_REQUIRED_PARAMETER', request.error.issues[0]!.message);
    const { idempotency_key: key, changes } = request.data;
    const content = JSON.stringify(changes);
    const before = answered.get(key);
    if (before !== undefined) {
      if (before.content === content) return { status: 200, body: before.body };
      return errors(
        400,
        'IDEMPOTENCY_KEY_REUSED',
        'The idempotency key was used with other parameters.',
        'idempotency_key',
      );
    }
    if (changes.length === 0) return errors(400, 'ARRAY_EMPTY', 'There must be at least one change.', 'changes');
    if (changes.length > CHANGES_MAX) return errors(400, 'ARRAY_LENGTH_TOO_LONG', 'At most 100 changes.', 'changes');
    const counts: Change[] = [];
    for (const [n, change] of changes.entries()) {
      const count = Count.safeParse(change);
      if (!count.success) return errors(400, 'INVALID_VALUE', count.error.issues[0]!.message, `changes[${n}]`);
      const error = judged(count.data.physical_count, n, pos, refused, now());
      if (error !== undefined) return error;
      counts.push(count.data.physical_count);
    }
    for (const { catalog_object_id: variation, quantity, occurred_at } of counts) {
      pos.count(variation, Number(quantity), Date.parse(occurred_at));
    }
    const body = { counts: counts.map(({ catalog_object_id }) => countJson(pos, catalog_object_id)) };
    answered.set(key, { content, body });
    if (answered.size > KEYS_MAX) answered.delete(answered.keys().next().value!);
    return { status: 200, body };
  };
}

function judged(
  { catalog_object_id: variation, location_id: location, occurred_at }: Change,
  n: number,
  pos: Pos,
  refused: ReadonlySet<string>,
  now: number,
): Changed | undefined {
  const field = (name: string) => `changes[${n}].physical_count.${name}`;
  if (location !== pos.location)
    return errors(404, 'NOT_FOUND', `Location ${location} not found.`, field('location_id'));
  if (refused.has(variation) || !pos.variations.has(variation)) {
    return errors(404, 'NOT_FOUND', `Catalog object ${variation} not found.`, field('catalog_object_id'));
  }
  const at = Date.parse(occurred_at);
  if (at > now) return errors(400, 'INVALID_TIME', 'occurred_at is in the future.', field('occurred_at'));
  if (at < now - DAY_MS)
    return errors(400, 'INVALID_TIME', 'occurred_at is older than 24 hours.', field('occurred_at'));
  return undefined;
}

export function errors(status: 400 | 404, code: string, detail: string, field?: string): Changed {
  const error: SquareError = { category: 'INVALID_REQUEST_ERROR', code, detail, ...(field !== undefined && { field }) };
  return { status, body: { errors: [error] } };
}
