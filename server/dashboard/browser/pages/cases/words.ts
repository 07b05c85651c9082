// Exception cases in words: how severe, in what state, what about. Shared by the inbox and the page of one case.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { CaseDocument } from '../../../../routes/openapi/case-documents.ts';
import { Badge, type Tone } from '../../parts/badge.ts';
import { skuHref } from '../../parts/hrefs.ts';
import { hrefOf } from '../../shell/route.ts';

export type Case = z.infer<typeof CaseDocument>;

/** In the order of the menus. */
export const KINDS: readonly Case['kind'][] = [
  ...(['shortfall', 'breaker-open', 'poison-message', 'unmapped-sku', 'sequence-gap'] as const),
  ...(['drift', 'refused-publish', 'stuck-transfer', 'too-old-fact'] as const),
];
/** The most severe first. */
export const SEVERITIES: readonly Case['severity'][] = ['critical', 'high', 'medium', 'low'];
export const STATUSES = ['open', 'assigned', 'resolved', 'dismissed', 'cleared', 'all'] as const;

const SEVERITY_TONES: Readonly<Record<Case['severity'], Tone>> = {
  ...{ critical: 'bad', high: 'bad', medium: 'warn', low: 'idle' },
};
const STATUS_TONES: Readonly<Record<Case['status'], readonly [tone: Tone, title: string]>> = {
  open: ['warn', 'Nobody has taken it yet'],
  assigned: ['warn', 'Somebody has taken it'],
  resolved: ['good', 'Somebody said what was done'],
  dismissed: ['idle', 'Somebody said why nothing has to be done'],
  cleared: ['good', 'Its cause is gone by itself'],
};

export function SeverityBadge({ severity }: Pick<Case, 'severity'>) {
  return html`<${Badge} tone=${SEVERITY_TONES[severity]} text=${severity} />`;
}

export function StatusBadge({ status }: Pick<Case, 'status'>) {
  const [tone, title] = STATUS_TONES[status];
  return html`<${Badge} tone=${tone} text=${status} title=${title} />`;
}

export function isOpen({ status }: Pick<Case, 'status'>): boolean {
  return status === 'open' || status === 'assigned';
}

export function Overdue({ isOverdue }: { readonly isOverdue: boolean }) {
  return isOverdue ? html` <${Badge} tone="bad" text="overdue" title="Later than its policy allows" />` : null;
}

/** `MUG-RED-M at berlin, order 17`. */
export function aboutOf(subject: Case['subject']): string {
  const { sku, location } = subject;
  const stock = [sku, location].filter((one) => one !== undefined).join(' at ');
  return [stock, ...othersIn(subject)].filter((one) => one !== '').join(', ');
}

/** The same, with a way to the SKU. */
export function About({ subject }: Pick<Case, 'subject'>) {
  const { sku, location, ...others } = subject;
  if (sku === undefined) return html`${aboutOf(subject) || '–'}`;
  const rest = [location === undefined ? '' : ` at ${location}`, ...othersIn(others)].join(', ').replace(/^, /, ' · ');
  return html`<a href=${skuHref(sku, location)}>${sku}</a>${rest}`;
}

function othersIn({ orderId, transferId, channel, source }: Case['subject']): readonly string[] {
  const named = { order: orderId, transfer: transferId, channel, source };
  return Object.entries(named).flatMap(([name, id]) => (id === undefined || id === '' ? [] : [`${name} ${id}`]));
}

export function caseHref(id: string): string {
  return hrefOf('cases', id);
}
