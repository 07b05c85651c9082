// The names of the fields that an adapter reads out of a webhook. Of a message that has to wait, these are kept and nothing
// else (docs/audit.md, personal data): a shop's order also has the buyer's name, address and telephone number in it.
import { z } from 'zod';

/** Every name of a property anywhere in these schemas. */
export function fieldsOf(...schemas: readonly z.ZodType[]): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (key === 'properties') for (const name of Object.keys(value)) names.add(name);
      visit(value);
    }
  };
  for (const schema of schemas) visit(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return names;
}
