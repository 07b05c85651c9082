// What one policy says otherwise than another: where, what it was, what it is. Lists are compared by what names their
// entries, so a place reads as `channels[marketplace].buffer`.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { PolicyChanges } from '../../../../routes/openapi/policy.ts';
import { plural } from '../../format.ts';
import { Empty } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';

export type Changes = Pick<z.infer<typeof PolicyChanges>, 'changes' | 'changesInAll'>;
type Change = Changes['changes'][number];

const MARKS: Readonly<Record<Change['change'], readonly [mark: string, tone: string]>> = {
  added: ['+ added', 'good-text'],
  removed: ['− removed', 'bad-text'],
  changed: ['~ changed', 'warn-text'],
};

const COLUMNS: readonly Column<Change>[] = [
  {
    key: 'change',
    title: 'Change',
    cell: ({ change }) => html`<span class=${`${MARKS[change][1]} strong`}>${MARKS[change][0]}</span>`,
  },
  { key: 'path', title: 'Where', cell: ({ path }) => html`<span class="mono wrap">${path}</span>` },
  { key: 'before', title: 'Before', cell: ({ before }) => html`<${Value} of=${before} />` },
  { key: 'after', title: 'After', cell: ({ after }) => html`<${Value} of=${after} />` },
];

export function ChangesTable({ changes, changesInAll }: Changes) {
  const more = changesInAll - changes.length;
  return html`<${Table} caption="What changes" columns=${COLUMNS} rows=${changes} keyOf=${({ path }: Change) => path}
      empty=${html`<${Empty} title="They say the same" />`} />
    ${more > 0 && html`<p role="status">${plural(more, 'more change')} not shown.</p>`}`;
}

/** A whole entry stands in lines, a name and its value each. */
function Value({ of }: { readonly of: unknown }) {
  if (of === undefined) return html`<span class="quiet-text">–</span>`;
  if (typeof of !== 'object' || of === null) return html`<span class="mono wrap">${String(of)}</span>`;
  if (Array.isArray(of) && of.every((one) => typeof one !== 'object'))
    return html`<span class="wrap">${of.join(', ')}</span>`;
  const text = JSON.stringify(of, null, 1)
    .split('\n')
    .slice(1, -1)
    .map((line) => line.slice(1))
    .join('\n');
  return html`<span class="mono value">${text.replaceAll('"', '')}</span>`;
}
