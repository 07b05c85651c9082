// A table that can be sorted by its columns. Of many rows only those in sight are in the page, between two rows as high
// as what is left out, so thousands scroll like twenty. Screen readers are told the true number.
import { html } from 'htm/preact';
import { useMemo, useState } from 'preact/hooks';

export interface Column<R> {
  readonly key: string;
  readonly title: string;
  /** What it is sorted by; absent: it is not. */
  readonly by?: (row: R) => number | string | undefined;
  /** What stands there; default: what it is sorted by. */
  readonly cell?: (row: R) => unknown;
  /** Figures stand right. */
  readonly isFigure?: boolean;
  /** Left out where the screen is narrow. */
  readonly isMinor?: boolean;
}

export interface TableProps<R> {
  /** What the rows are, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  readonly sortedBy?: { readonly key: string; readonly isDescending?: boolean };
  /** Stands there when there are no rows. */
  readonly empty?: unknown;
}

/** Must be the height that the style gives a row, px. */
const ROW_HEIGHT = 40;
const VIRTUAL_FROM = 100;
const SIGHT = 30;
const BESIDE = 10;

export function Table<R>({ caption, columns, rows, keyOf, sortedBy, empty }: TableProps<R>) {
  const [sorting, setSorting] = useState(sortedBy);
  const [top, setTop] = useState(0);
  const sorted = useMemo(() => sort(rows, columns, sorting), [rows, columns, sorting]);
  if (rows.length === 0 && empty !== undefined) return empty;
  const isVirtual = sorted.length > VIRTUAL_FROM;
  const from = isVirtual ? Math.min(Math.max(0, Math.floor(top / ROW_HEIGHT) - BESIDE), sorted.length) : 0;
  const to = isVirtual ? Math.min(from + SIGHT + 2 * BESIDE, sorted.length) : sorted.length;
  const scrolled = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => setTop(currentTarget.scrollTop);
  const headings = columns.map(
    (column) => html`<${Heading} key=${column.key} ...${{ column, sorting, setSorting }} />`,
  );
  return html`<div class=${`table ${isVirtual ? 'virtual' : ''}`} tabindex="0" role="region" aria-label=${caption}
      onScroll=${isVirtual ? scrolled : undefined}>
    <table aria-rowcount=${sorted.length + 1}>
      <caption class="visually-hidden">${caption}</caption>
      <thead><tr aria-rowindex="1">${headings}</tr></thead>
      <tbody>
        <${Gap} rows=${from} columns=${columns.length} />
        ${sorted.slice(from, to).map(
          (row, n) => html`<tr key=${keyOf(row)} aria-rowindex=${from + n + 2}>
            ${columns.map((column) => cellOf(column, row))}
          </tr>`,
        )}
        <${Gap} rows=${sorted.length - to} columns=${columns.length} />
      </tbody>
    </table>
  </div>`;
}

function cellOf<R>(column: Column<R>, row: R) {
  const content = column.cell === undefined ? column.by?.(row) : column.cell(row);
  return html`<td key=${column.key} class=${classOf(column)}>${content ?? '–'}</td>`;
}

function classOf<R>({ isFigure, isMinor }: Column<R>): string {
  return `${isFigure ? 'figure' : ''} ${isMinor ? 'minor' : ''}`.trim();
}

/** As high as the rows that are not there. */
function Gap({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  if (rows === 0) return null;
  const style = { height: `${rows * ROW_HEIGHT}px` };
  return html`<tr class="gap" aria-hidden="true"><td colspan=${columns} style=${style}></td></tr>`;
}

type Sorting = { readonly key: string; readonly isDescending?: boolean } | undefined;

function Heading<R>(props: { readonly column: Column<R>; readonly sorting: Sorting; setSorting(to: Sorting): void }) {
  const { column, sorting, setSorting } = props;
  const { key, title, by } = column;
  if (by === undefined) return html`<th scope="col" class=${classOf(column)}>${title}</th>`;
  const isSorted = sorting?.key === key;
  const isDescending = isSorted && sorting.isDescending === true;
  const order = isSorted ? (isDescending ? 'descending' : 'ascending') : 'none';
  const turn = () => setSorting({ key, isDescending: isSorted ? !isDescending : column.isFigure === true });
  return html`<th scope="col" class=${classOf(column)} aria-sort=${order}>
    <button type="button" onClick=${turn}>${title}<span class="order" aria-hidden="true">${ARROWS[order]}</span></button>
  </th>`;
}

const ARROWS = { none: '', ascending: '↑', descending: '↓' } as const;

function sort<R>(rows: readonly R[], columns: readonly Column<R>[], sorting: Sorting): readonly R[] {
  const by = columns.find(({ key }) => key === sorting?.key)?.by;
  if (by === undefined) return rows;
  const sign = sorting?.isDescending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(by(a), by(b)));
}

/** What is not known comes before all else. */
function compare(a: number | string | undefined, b: number | string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en');
}
