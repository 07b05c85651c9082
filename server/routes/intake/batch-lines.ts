// The lines of a batch, from NDJSON or a JSON array. In NDJSON every line stands alone: bad bytes, bad JSON or a
// duplicate name make that line bad and no other. A JSON array is one document: it is well-formed as a whole or refused.
import { isUtf8 } from 'node:buffer';
import { HttpProblem } from '../../problems.ts';
import type { BodyFormat } from './body.ts';
import { hasByteOrderMark, NOT_UTF8, parseStrictJson, parseStrictText, type StrictJson } from './strict-json.ts';

export interface BatchLines {
  readonly count: number;
  /** The place of the n-th in the body: line of the text, or element of the array, from 1. */
  lineNumber(n: number): number;
  /** Parses the n-th, from 0. */
  parse(n: number): StrictJson;
}

/** @throws HttpProblem `invalid-json` (empty, or an array that is not strict JSON), `too-many-lines` */
export function batchLines(bytes: Buffer, format: BodyFormat, linesMax: number): BatchLines {
  const lines = format === 'json' ? arrayLines(bytes) : ndjsonLines(bytes);
  if (lines.count > linesMax) {
    throw new HttpProblem('too-many-lines', `A batch may have ${linesMax} lines, this has ${lines.count}: divide it`);
  }
  if (lines.count === 0) throw invalid('syntax', 'has no commands');
  return lines;
}

function arrayLines(bytes: Buffer): BatchLines {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok) throw invalid(parsed.rule, parsed.message);
  const { value } = parsed;
  if (!Array.isArray(value)) throw invalid('type', 'must be a JSON array of commands');
  const elements = value as readonly unknown[];
  return {
    count: elements.length,
    lineNumber: (n) => n + 1,
    parse: (n) => ({ ok: true, value: elements[n] }),
  };
}

function ndjsonLines(bytes: Buffer): BatchLines {
  if (hasByteOrderMark(bytes)) throw invalid('encoding', 'starts with a byte order mark: send UTF-8 without it');
  // A line that is not UTF-8 is undefined. Blank lines count for the numbers and are otherwise left out.
  const lines: readonly (string | undefined)[] = isUtf8(bytes) ? bytes.toString('utf8').split('\n') : byteLines(bytes);
  const filled: number[] = [];
  lines.forEach((line, at) => {
    if (line === undefined || !isBlank(line)) filled.push(at);
  });
  return {
    count: filled.length,
    lineNumber: (n) => filled[n]! + 1,
    parse: (n) => {
      const line = lines[filled[n]!];
      return line === undefined ? NOT_UTF8 : parseStrictText(line);
    },
  };
}

function isBlank(line: string): boolean {
  // A command starts with a brace: only what does not is worth trimming.
  return line.charCodeAt(0) !== 0x7b && line.trim() === '';
}

function byteLines(bytes: Buffer): (string | undefined)[] {
  const lines: (string | undefined)[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    lines.push(isUtf8(line) ? line.toString('utf8') : undefined);
    start = end + 1;
  }
  return lines;
}

function invalid(rule: string, message: string): HttpProblem {
  return new HttpProblem('invalid-json', `The body ${message}`, { errors: [{ path: '', rule, message }] });
}
