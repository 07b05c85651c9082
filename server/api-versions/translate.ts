// A client of an older version is understood and answered in it: what it says is carried forward change by change to the
// newest version, and the answer back. Bodies are JSON, or NDJSON line by line; problems and live feeds are not translated.
import type { ApiVersion, VersionChange } from './versions.ts';

export interface Translation {
  readonly request: (body: unknown) => unknown;
  readonly answer: (body: unknown) => unknown;
}

/** @param operation `post /v1/orders`; undefined: both versions say the same of it */
export function translationOf(
  versions: readonly ApiVersion[],
  from: string,
  operation: string,
): Translation | undefined {
  const since = versions.findIndex(({ date }) => date === from);
  const changes = versions
    .slice(since + 1)
    .flatMap((version) => version.changes.filter((one) => one.operation === operation));
  if (changes.length === 0) return undefined;
  return {
    request: (body) => changes.reduce((said, change) => change.request?.(said) ?? said, body),
    answer: (body) => changes.reduceRight((said, change: VersionChange) => change.answer?.(said) ?? said, body),
  };
}

const NDJSON = 'application/x-ndjson';

/** The same body where it cannot be read: whoever takes it says what is wrong with it. */
export function translateText(text: string, type: string, translate: (body: unknown) => unknown): string {
  try {
    if (!type.startsWith(NDJSON)) return JSON.stringify(translate(JSON.parse(text)));
    return text
      .split('\n')
      .map((line) => (line.trim() === '' ? line : JSON.stringify(translate(JSON.parse(line)))))
      .join('\n');
  } catch {
    return text;
  }
}

export function isTranslatable(type: string | null): type is string {
  return type !== null && (type.startsWith('application/json') || type.startsWith(NDJSON));
}
