// Strict JSON: what JSON.parse takes is taken, except a name twice in one object and more than 32 levels.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findDuplicateName, parseStrictJson, parseStrictText } from '../../../server/routes/intake/strict-json.ts';

// Seen failing with `isName` left true after a name: values then counted as names. And …
test('any JSON text without a name twice is taken as JSON.parse takes it', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary', maxDepth: 20 }), (text) => {
      expect(parseStrictText(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

// … and with the fast path answering before the scan (`quotes >= 2 * counted`).
test('a name twice is found wherever it is, escaped or not', () => {
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'a"b', '\\', 'A', ''));
  fc.assert(
    fc.property(name, fc.json(), fc.json(), fc.json(), fc.boolean(), (twice, first, second, around, isEscaped) => {
      const key = JSON.stringify(twice);
      const escaped = `"${[...Array(twice.length).keys()].map((n) => `\\u${twice.charCodeAt(n).toString(16).padStart(4, '0')}`).join('')}"`;
      const inner = `{${key}: ${first} , ${isEscaped ? escaped : key}:${second}}`;
      const text = `[${around},{"in":[${inner}]}]`;
      expect(parseStrictText(text)).toMatchObject({ ok: false, rule: 'duplicate-name' });
    }),
  );
});

// Seen failing with one set of names for nested objects.
test('the same name in two objects, or as a value, is no duplicate', () => {
  for (const text of ['[{"a":1},{"a":2}]', '{"a":{"a":"a"}}', '{"a":["a","a"],"b":"a"}', '{"a\\n":1,"a":"b\\""}']) {
    expect(findDuplicateName(text)).toBeUndefined();
    expect(parseStrictText(text).ok).toBe(true);
  }
});

test('32 levels are taken, 33 are not', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  expect(parseStrictText(nested(32)).ok).toBe(true);
  expect(parseStrictText(nested(33))).toMatchObject({ rule: 'depth' });
});

test('any bytes give a value or a reason, never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const parsed = parseStrictJson(Buffer.from(bytes));
      expect(parsed.ok || parsed.message.length > 0).toBe(true);
    }),
  );
});
