// What each route takes and answers, once, for the OpenAPI document. A test compares the paths with the app's.
import { z } from 'zod';
import { StockCommand } from '../../../domain/stock/commands.ts';
import { AvailabilityQuery, ExplanationQuery, FigureQuery } from '../availability.ts';
import { EventsQuery } from '../events.ts';
import { HistoryQuery, StockQuery } from '../stock.ts';
import { AUDIT_OPERATIONS } from './audit.ts';
import { CASES_OPERATIONS } from './cases.ts';
import { CLIENT_OPERATIONS } from './client.ts';
import { COUNTS_OPERATIONS } from './counts.ts';
import { ERPS_OPERATIONS } from './erps.ts';
import { ExplanationDocument } from './explanation.ts';
import { IDENTIFIERS_OPERATIONS } from './identifiers.ts';
import { INBOUND_OPERATIONS } from './inbound.ts';
import { METRICS_OPERATION } from './metrics.ts';
import { AFTER, BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { ORDERS_OPERATIONS } from './orders.ts';
import { OVERVIEW_OPERATIONS } from './overview.ts';
import { POLICY_OPERATIONS } from './policy.ts';
import { PUBLISHING_OPERATIONS } from './publishing.ts';
import { RECONCILIATION_OPERATIONS } from './reconciliation.ts';
import * as answers from './schemas.ts';
import { SIGNALS_OPERATIONS } from './signals.ts';
import { SKU_OPERATIONS } from './sku.ts';
import { TILL_OPERATIONS } from './tills.ts';
import { TRANSFERS_OPERATIONS } from './transfers.ts';
import { WEBHOOKS_OPERATIONS } from './webhooks.ts';

export const OPERATIONS = [
  {
    method: 'post',
    path: '/v1/commands',
    id: 'postCommand',
    tag: 'Commands',
    summary: 'Send one command',
    description:
      'Answered when its event is durable. Facts (sale, count, receipt …) are never refused; requests (reservations, ' +
      'transfer.request) may be, with 409. The same command id has its effect once and gets its first answer again.',
    scopes: ['commands:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: StockCommand },
    answers: {
      200: ['Recorded', JSON_TYPE, answers.CommandAnswer],
      202: ['Kept without effect until somebody looks: too old, or from the future', JSON_TYPE, answers.CommandAnswer],
    },
    problems: [
      ...BODY,
      ...(['insufficient-available', 'stock-frozen', 'stock-retired', 'reservation-exists'] as const),
      ...(['unknown-reservation', 'exceeds-reservation', 'expiry-not-in-future', 'not-due'] as const),
      ...([
        'transfer-exists',
        'unknown-transfer',
        'same-location',
        'conflict',
        'invalid-command',
        'unknown-location',
        'unknown-sku',
        'bundle-has-no-stock',
        'not-owner',
      ] as const),
      ...(['unknown-sales-channel', 'unavailable', 'unknown-outcome', 'disk-full'] as const),
    ],
  },
  {
    method: 'post',
    path: '/v1/commands/batch',
    id: 'postBatch',
    tag: 'Commands',
    summary: 'Send up to 10,000 commands',
    description:
      'A JSON array, or NDJSON with a command a line. The answer has a line for each, in their order, streamed. A bad ' +
      'line costs no other. Fewer lines than sent means the connection broke: send the rest, or all, again.',
    scopes: ['commands:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: StockCommand.array(), 'application/x-ndjson': StockCommand },
    answers: { 200: ['A verdict a line', 'application/x-ndjson', answers.LineAnswer] },
    problems: [...BODY, 'too-many-lines', 'too-many-open'],
  },
  ...SKU_OPERATIONS,
  {
    method: 'get',
    path: '/v1/stock/{sku}/{location}',
    id: 'getStock',
    tag: 'Stock',
    summary: 'The quantities of one SKU at one location, now or as of two times',
    scopes: ['stock:read'],
    query: StockQuery,
    headers: ['If-None-Match'],
    answers: {
      200: ['Its figures', JSON_TYPE, z.union([answers.StockFigures, answers.StockFiguresAt])],
      304: ['Not changed'],
    },
    problems: [...AFTER, 'unknown-stock'],
  },
  {
    method: 'get',
    path: '/v1/stock/{sku}/{location}/history',
    id: 'getHistory',
    tag: 'Stock',
    summary: 'Every event of one SKU at one location',
    scopes: ['stock:read'],
    query: HistoryQuery,
    answers: { 200: ['A page, oldest first', JSON_TYPE, answers.HistoryPage] },
    problems: [...AFTER, 'unknown-stock'],
  },
  {
    method: 'get',
    path: '/v1/availability/{channel}',
    id: 'getAvailability',
    tag: 'Availability',
    summary: 'Available-to-sell of a channel, by SKU',
    scopes: ['availability:read'],
    query: AvailabilityQuery,
    headers: ['If-None-Match'],
    answers: { 200: ['A page, by SKU', JSON_TYPE, answers.AvailabilityList], 304: ['No figure has changed'] },
    problems: [...AFTER, 'unknown-channel'],
  },
  {
    method: 'get',
    path: '/v1/availability/{channel}/{sku}',
    id: 'getFigure',
    tag: 'Availability',
    summary: 'Available-to-sell of one SKU in a channel',
    scopes: ['availability:read'],
    query: FigureQuery,
    answers: { 200: ['The figure', JSON_TYPE, answers.AvailabilityFigure] },
    problems: [...AFTER, 'unknown-channel', 'unknown-availability'],
  },
  {
    method: 'get',
    path: '/v1/availability/{channel}/{sku}/explain',
    id: 'explainFigure',
    tag: 'Availability',
    summary: 'The figure with everything it was made from',
    scopes: ['availability:read', 'stock:read'],
    query: ExplanationQuery,
    answers: { 200: ['Its parts', JSON_TYPE, ExplanationDocument] },
    problems: [...AFTER, 'unknown-channel', 'unknown-availability'],
  },
  {
    method: 'get',
    path: '/v1/events',
    id: 'getEvents',
    tag: 'Events',
    summary: 'The event feed, in pages or live',
    description: 'With `Accept: text/event-stream` a live feed that resumes by Last-Event-ID; else a page.',
    scopes: ['events:read'],
    query: EventsQuery,
    headers: ['Accept', 'Last-Event-ID'],
    answers: { 200: ['Events in log order', JSON_TYPE, answers.EventPage] },
    problems: [...READ, 'position-ahead', 'too-many-open'],
  },
  ...PUBLISHING_OPERATIONS,
  {
    method: 'get',
    path: '/v1/channels/{channel}',
    id: 'getChannel',
    tag: 'Operations',
    summary: 'Policy, backlog and lag of a channel',
    scopes: ['availability:read'],
    answers: { 200: ['Its state', JSON_TYPE, answers.ChannelDocument] },
    problems: [...READ, 'unknown-channel'],
  },
  {
    method: 'get',
    path: '/v1/sources',
    id: 'getSources',
    tag: 'Operations',
    summary: 'Sources and what is missing of them',
    scopes: ['stock:read'],
    answers: { 200: ['Sources with gaps', JSON_TYPE, answers.SourceList] },
    problems: READ,
  },
  ...RECONCILIATION_OPERATIONS,
  ...AUDIT_OPERATIONS,
  {
    method: 'get',
    path: '/healthz',
    id: 'getHealth',
    tag: 'Operations',
    summary: 'Is the process alive',
    scopes: [],
    answers: { 200: ['It is', JSON_TYPE, answers.HealthDocument] },
    problems: [],
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'getReadiness',
    tag: 'Operations',
    summary: 'Can it take commands and answer reads',
    scopes: [],
    answers: {
      200: ['It can', JSON_TYPE, answers.ReadinessDocument],
      503: ['It cannot; the checks say why', JSON_TYPE, answers.ReadinessDocument],
    },
    problems: [],
  },
  METRICS_OPERATION,
  ...ORDERS_OPERATIONS,
  ...CASES_OPERATIONS,
  ...POLICY_OPERATIONS,
  ...COUNTS_OPERATIONS,
  ...TRANSFERS_OPERATIONS,
  ...SIGNALS_OPERATIONS,
  ...ERPS_OPERATIONS,
  ...WEBHOOKS_OPERATIONS,
  ...INBOUND_OPERATIONS,
  ...IDENTIFIERS_OPERATIONS,
  ...TILL_OPERATIONS,
  ...CLIENT_OPERATIONS,
  ...OVERVIEW_OPERATIONS,
] as const satisfies readonly Operation[];
