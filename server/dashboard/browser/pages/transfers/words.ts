// Transfers in words. Shared by the list and the page of one transfer.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { TransferDocument } from '../../../../routes/openapi/transfers.ts';
import { Badge, type Tone } from '../../parts/badge.ts';

export type Transfer = z.infer<typeof TransferDocument>;
export type Line = Transfer['lines'][number];

const STATUSES: Readonly<Record<Transfer['status'], readonly [tone: Tone, title: string]>> = {
  requesting: ['idle', 'Its units are being set aside at the origin'],
  requested: ['warn', 'Its units are set aside at the origin and have not left'],
  underway: ['good', 'Units have left, and not all of them are accounted for'],
  completed: ['good', 'Every unit is accounted for'],
  cancelled: ['idle', 'Called off before anything left'],
  refused: ['bad', 'Not all of its units could be set aside: none is'],
};

/** For the menu: those that are listed. */
export const OPEN_STATUSES = (['requesting', 'requested', 'underway'] as const).map((one) => [one, one] as const);

export function TransferBadge({ status, stuck }: Pick<Transfer, 'status' | 'stuck'>) {
  const [tone, title] = STATUSES[status];
  return html`<${Badge} tone=${tone} text=${status} title=${title} />${
    stuck && html` <${Badge} tone="bad" text="stuck" title="Nothing was heard of it for longer than policy allows" />`
  }`;
}
