// What a file is made of, whatever its format: rows of named cells, each with its line, and lines that are no row.

/** Cells by column, trimmed. */
export type Cells = Readonly<Record<string, string>>;

export interface Row {
  readonly line: number;
  readonly cells: Cells;
  /** An NDJSON line that is a command already, when there is no mapping. */
  readonly command?: unknown;
}

/** A line that could not be read as a row. */
export interface BadRow {
  readonly line: number;
  readonly fault: string;
  /** As it stands in the file, cut to a sane length. */
  readonly text: string;
}

export const ROW_CHARS_MAX = 1024 * 1024;
export const QUOTED_CHARS_MAX = 1_000;

export function isBadRow(row: Row | BadRow): row is BadRow {
  return 'fault' in row;
}
