// All webhooks, in the order of the policy, and how telling each goes.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { WebhookDocument, WebhookList } from '../../../routes/openapi/webhook-documents.ts';
import { useReading } from '../api/reading.ts';
import { ago, count, duration } from '../format.ts';
import { Empty, Shown } from '../parts/states.ts';
import { type Column, Table } from '../parts/table.ts';
import { now } from '../shell/now.ts';
import type { PageProps } from '../shell/page.ts';
import { hrefOf } from '../shell/route.ts';
import { WebhookPage } from './webhooks/webhook.ts';
import { isSilent, WebhookBadge } from './webhooks/words.ts';

type List = z.infer<typeof WebhookList>;
type Row = z.infer<typeof WebhookDocument>;

const EVERY_MS = 2_000;

export function View({ parts: [id] }: PageProps) {
  return id === undefined ? html`<${All} />` : html`<${WebhookPage} key=${id} id=${id} />`;
}

function All() {
  const reading = useReading<List>('/v1/webhooks', EVERY_MS);
  return html`<h1>Webhooks</h1>
    <${Shown} reading=${reading}>
      ${({
        webhooks,
      }: List) => html`<${Table} caption="Webhooks" columns=${COLUMNS} rows=${webhooks} keyOf=${({ webhook }: Row) => webhook}
        empty=${html`<${Empty} title="No webhooks" text="The policy has none, or another node calls them." />`} />`}
    </${Shown}>`;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    ...{ key: 'webhook', title: 'Webhook', by: ({ webhook }: Row) => webhook },
    cell: ({ webhook }) => html`<a href=${hrefOf('webhooks', webhook)}>${webhook}</a>`,
  },
  { key: 'state', title: 'State', by: ({ state }) => state, cell: (row) => html`<${WebhookBadge} ...${row} />` },
  {
    ...{ key: 'waiting', title: 'Waiting', isFigure: true, by: ({ waiting }: Row) => waiting },
    cell: ({ waiting }) => count(waiting),
  },
  {
    ...{ key: 'oldest', title: 'Oldest', isFigure: true, by: ({ oldestWaitingMs }: Row) => oldestWaitingMs },
    cell: ({ waiting, oldestWaitingMs }) => (waiting === 0 ? '–' : duration(oldestWaitingMs)),
  },
  {
    ...{ key: 'last', title: 'Took last', isFigure: true, by: ({ lastDeliveredAt }: Row) => lastDeliveredAt },
    cell: ({ lastDeliveredAt }) => ago(lastDeliveredAt, now.value),
  },
  {
    ...{ key: 'delivered', title: 'Taken', isFigure: true, isMinor: true, by: ({ delivered }: Row) => delivered },
    cell: ({ delivered }) => count(delivered),
  },
  {
    ...{ key: 'setAside', title: 'Set aside', isFigure: true, by: ({ lastSetAside }: Row) => lastSetAside.length },
    cell: ({ lastSetAside: { length } }) =>
      html`<span class=${length > 0 ? 'bad-text strong' : ''}>${count(length)}</span>`,
  },
  {
    ...{ key: 'why', title: 'Why' },
    cell: (row) => (isSilent(row) ? html`<span class="cut" title=${row.lastError}>${row.lastError}</span>` : ''),
  },
];
