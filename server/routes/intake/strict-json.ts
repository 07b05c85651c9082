// JSON as RFC 8259 and no more: valid UTF-8, no byte order mark, no name twice in one object, at most 32 levels.
// A name twice is refused because two readers may take different ones of the two. The check is cheap: in text without
// a backslash every string has two quotation marks, so names and strings are counted in the value that JSON.parse made;
// fewer there than in the text means a name was dropped. Only then, or after a backslash, the slow scan runs (0.2 µs a
// command against 2 µs for scanning always).
import { isUtf8 } from 'node:buffer';

const DEPTH_MAX = 32;

export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly rule: 'encoding' | 'syntax' | 'duplicate-name' | 'depth'; readonly message: string };

const BOM = [0xef, 0xbb, 0xbf] as const;

export function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes.length >= 3 && bytes[0] === BOM[0] && bytes[1] === BOM[1] && bytes[2] === BOM[2];
}

export function parseStrictJson(bytes: Buffer): StrictJson {
  if (hasByteOrderMark(bytes)) {
    return { ok: false, rule: 'encoding', message: 'starts with a byte order mark: send UTF-8 without it' };
  }
  if (!isUtf8(bytes)) return NOT_UTF8;
  return parseStrictText(bytes.toString('utf8'));
}
export const NOT_UTF8: StrictJson = { ok: false, rule: 'encoding', message: 'is not valid UTF-8' };

export function parseStrictText(text: string): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, rule: 'syntax', message: syntaxMessage(text, error as SyntaxError) };
  }
  const counted = countStrings(value, 0);
  if (counted < 0) return { ok: false, rule: 'depth', message: `is nested more than ${DEPTH_MAX} levels deep` };
  const quotes = quotesWithoutEscapes(text);
  if (quotes === 2 * counted) return { ok: true, value };
  const name = findDuplicateName(text);
  if (name === undefined) return { ok: true, value };
  return { ok: false, rule: 'duplicate-name', message: `has the name ${JSON.stringify(name.slice(0, 100))} twice` };
}

/** V8's message, which quotes the sender's own text, cut to one line of bounded length. */
function syntaxMessage(text: string, error: SyntaxError): string {
  if (text.trim() === '') return 'is empty';
  return `is not JSON: ${error.message.slice(0, 160)}`;
}

/** Names and string values in a parsed value; −1 when it is nested too deep. */
function countStrings(value: unknown, depth: number): number {
  if (typeof value === 'string') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === DEPTH_MAX) return -1;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      const inner = countStrings(element, depth + 1);
      if (inner < 0) return -1;
      count += inner;
    }
    return count;
  }
  for (const name in value) {
    const inner = countStrings((value as Readonly<Record<string, unknown>>)[name], depth + 1);
    if (inner < 0) return -1;
    count += 1 + inner;
  }
  return count;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Quotation marks in the text, or −1 when it has a backslash. */
function quotesWithoutEscapes(text: string): number {
  let quotes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) quotes += 1;
    else if (code === BACKSLASH) return -1;
  }
  return quotes;
}

/** The first name that one object has twice. The text must be valid JSON, at most 32 levels deep. */
export function findDuplicateName(text: string): string | undefined {
  // One set of names for each open object, undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push(new Set());
        isName = true;
        break;
      case 0x5b: // [
        open.push(undefined);
        isName = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        isName = false;
        break;
      case 0x2c: // ,
        isName = open.at(-1) !== undefined;
        break;
      case QUOTE: {
        const end = endOfString(text, at);
        const names = open.at(-1);
        if (isName && names !== undefined) {
          const name = JSON.parse(text.slice(at, end + 1)) as string;
          if (names.has(name)) return name;
          names.add(name);
          isName = false;
        }
        at = end;
      }
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
