// From a SKU, an order or a transfer to the exception cases about it: how many are open.
import { html } from 'htm/preact';
import { useReading } from '../api/reading.ts';
import { may } from '../api/session.ts';
import { plural } from '../format.ts';
import { hrefWith } from '../shell/route.ts';

const EVERY_MS = 15_000;

/** `about`: a filter of the list of cases, such as `{ sku: 'MUG' }`. */
export function CasesLink({ about }: { readonly about: Readonly<Record<string, string>> }) {
  return may('cases:read') ? html`<${Counted} about=${about} />` : null;
}

function Counted({ about }: { readonly about: Readonly<Record<string, string>> }) {
  const asked = new URLSearchParams({ ...about, limit: '1' });
  const { data } = useReading<{ readonly counts: { readonly total: number } }>(`/v1/cases?${asked}`, EVERY_MS);
  const open = data?.counts.total;
  return html`<a href=${hrefWith(about, 'cases')}>${open === undefined ? 'Its cases' : plural(open, 'open case')}</a>`;
}
