// One exception case: what it is about, what could be done, everything that was said of it, and what people can do.
import { html } from 'htm/preact';
import type { z } from 'zod';
import type { CaseWithHistory } from '../../../../routes/openapi/case-documents.ts';
import { useReading } from '../../api/reading.ts';
import { ago, count, instant, plural } from '../../format.ts';
import { skuHref } from '../../parts/hrefs.ts';
import { type Pair, Pairs } from '../../parts/pairs.ts';
import { Shown } from '../../parts/states.ts';
import { type Column, Table } from '../../parts/table.ts';
import { now } from '../../shell/now.ts';
import { hrefOf } from '../../shell/route.ts';
import { CaseActions } from './actions.ts';
import { isOpen, Overdue, SeverityBadge, StatusBadge } from './words.ts';

type One = z.infer<typeof CaseWithHistory>;
type Happening = One['history'][number];

export function CasePage({ id }: { readonly id: string }) {
  const reading = useReading<One>(`/v1/cases/${encodeURIComponent(id)}`, 5_000);
  return html`<div class="heading">
      <h1><a class="up" href=${hrefOf('cases')}>Cases</a> / ${reading.data?.kind ?? id}</h1>
      ${
        reading.data &&
        html`<${SeverityBadge} ...${reading.data} /><${StatusBadge} ...${reading.data} /><${Overdue} isOverdue=${reading.data.overdue} />
          <div class="end"><${CaseActions} cases=${[id]} isOpen=${isOpen(reading.data)} changed=${reading.reload} /></div>`
      }
    </div>
    <${Shown} reading=${reading}>
      ${(one: One) => html`<div class="cards case">
        <${What} of=${one} />
        <${Facts} of=${one} />
        <${History} of=${one} />
      </div>`}
    </${Shown}>`;
}

function What({ of: { detail, proposals, closedWith, lastRetry, retrying } }: { readonly of: One }) {
  return html`<section class="card" aria-labelledby="what-title">
    <h2 id="what-title">What happened</h2>
    <p class="detail">${detail}</p>
    ${closedWith && html`<p><strong>Closed with:</strong> ${closedWith}</p>`}
    ${retrying && html`<p role="status">It is tried again now.</p>`}
    ${lastRetry && html`<p><strong>What the last retry came to:</strong> ${lastRetry}</p>`}
    ${
      proposals.length > 0 &&
      html`<h3>What could be done</h3>
        <ul>${proposals.map((proposal) => html`<li key=${proposal}>${proposal}</li>`)}</ul>`
    }
  </section>`;
}

function Facts({ of }: { readonly of: One }) {
  const { id, subject, units, owner, level, occurrence, sights, openedAt, lastSeenAt, dueAt, closedAt } = of;
  const { sku, location, channel, source, orderId, transferId, event } = subject;
  const link = (href: string, text: string) => html`<a href=${href}>${text}</a>`;
  const pairs: readonly Pair[] = [
    ['Owner', owner],
    ['SKU', sku && link(skuHref(sku, location), sku)],
    ['Location', location],
    ['Source', source],
    ['Order', orderId && link(hrefOf('orders', orderId), orderId)],
    ['Transfer', transferId && link(hrefOf('transfers', transferId), transferId)],
    ['Channel', channel && link(hrefOf('channels', channel), channel)],
    ['Shown by event', event && html`<span class="mono">${event}</span>`],
    ['Units at stake', units && count(units)],
    ['Opened', `${instant(openedAt, now.value)}, ${ago(openedAt, now.value)}`],
    ['Seen', `${plural(sights, 'time')}, last ${ago(lastSeenAt, now.value)}`],
    ['Came back', occurrence > 1 && plural(occurrence - 1, 'time')],
    ['Due', dueAt && instant(dueAt, now.value)],
    ['Escalated', level > 0 && plural(level, 'time')],
    ['Closed', closedAt && instant(closedAt, now.value)],
    ['Case', html`<span class="mono">${id}</span>`],
  ];
  return html`<section class="card" aria-labelledby="facts-title">
    <h2 id="facts-title">About</h2>
    <${Pairs} pairs=${pairs} />
  </section>`;
}

/** What each event is called here. */
const EVENTS: Readonly<Record<string, string>> = {
  ...{ CaseOpened: 'opened', CaseReopened: 'came back', CaseSeenAgain: 'seen again', CaseAssigned: 'assigned' },
  ...{ CaseCommented: 'commented', CaseRetryAsked: 'retry asked for', CaseRetried: 'tried again' },
  ...{ CaseEscalated: 'escalated', CaseResolved: 'resolved', CaseDismissed: 'dismissed', CaseCleared: 'cause is gone' },
};

const HISTORY: readonly Column<Happening>[] = [
  { key: 'at', title: 'When', cell: ({ at }) => instant(at, now.value) },
  { key: 'event', title: 'What', cell: ({ event }) => html`<strong>${EVENTS[event] ?? event}</strong>` },
  { key: 'by', title: 'By', cell: ({ by }) => by },
  { key: 'said', title: 'Said', cell: (happening) => html`<span class="said">${saidIn(happening)}</span>` },
];

function History({ of: { history } }: { readonly of: One }) {
  return html`<section class="card" aria-labelledby="history-title">
    <h2 id="history-title">History <small>newest first, from its stream in the log</small></h2>
    <${Table} caption="What happened to the case" columns=${HISTORY} rows=${history.toReversed()} keyOf=${keyOf} />
  </section>`;
}

/** A command may leave more than one event. */
function keyOf({ commandId, event }: Happening): string {
  return `${commandId} ${event}`;
}

/** The words in an event, whichever of its fields they are in. */
function saidIn({ text, resolution, reason, detail, owner, severity, event }: Happening): string {
  const words = [text, resolution, reason, detail].find((one) => typeof one === 'string') as string | undefined;
  if (event === 'CaseAssigned') return `to ${owner}`;
  if (event === 'CaseEscalated') return `to ${owner}, now ${severity}`;
  return words ?? '';
}
