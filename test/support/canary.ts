// The mark that stands in secrets of the tests. Nothing that the product says may have it in it: `.ci/run` searches the whole
// output of the tests for it, and secrets.test.ts everything that a server writes, answers and exports.

/** Letters and digits only, so that it is the same in an address, a header and JSON. */
export const CANARY = 'cana7y5ecretN3verShown';

/** A secret of its own, long enough for any adapter. */
export function canarySecret(name: string): string {
  return `${CANARY}-${name}-0123456789`;
}

/** Where it stands in a text or in bytes, as it is or in base64; empty: nowhere. */
export function canariesIn(text: string): readonly string[] {
  return FORMS.flatMap((form) => {
    const at = text.indexOf(form);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 80), at + 80)];
  });
}

/** Base64 of it begins at one of three places in a group of three bytes; what is the same wherever it stands is searched. */
const FORMS = [
  CANARY,
  ...[0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${'x'.repeat(before)}${CANARY}`)
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(Math.ceil((before * 4) / 3), -2);
  }),
];
