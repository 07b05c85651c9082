// The operation of /v1/operations/overview.
import { JSON_TYPE, type Operation, READ } from './operation.ts';
import { OverviewDocument } from './overview-document.ts';

export const OVERVIEW_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/operations/overview',
    id: 'getOverview',
    tag: 'Operations',
    summary: 'How everything goes: lag, backlog, failures, exceptions, reconciliation, ERPs',
    description:
      'With `Accept: text/event-stream` a live stream: an event `overview` with this document, once a second at most.',
    scopes: ['availability:read'],
    headers: ['Accept'],
    answers: { 200: ['As it is now, as far as the key may see', JSON_TYPE, OverviewDocument] },
    alsoAs: ['text/event-stream'],
    problems: [...READ, 'too-many-open'],
  },
] as const satisfies readonly Operation[];
