// The audit for the OpenAPI document.
import { z } from 'zod';
import { AuditQuery } from '../audit.ts';
import { JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';

const instant = z.iso.datetime({ offset: true });

export const AuditDocument = z
  .strictObject({
    entries: z.array(
      z.strictObject({
        position: Position,
        stream: z.string(),
        revision: z.int().min(0),
        event: z.string(),
        sku: z.string().optional(),
        location: z.string().optional(),
        channel: z.string().optional(),
        happenedAt: instant.optional(),
        knownAt: instant.optional(),
        who: z.string().optional().meta({ description: 'The source or person that said it' }),
        key: z.string().optional().meta({ description: 'Client whose API key it came with' }),
        command: z.string().optional(),
        cause: z.string().optional().meta({ description: 'What it followed from' }),
        belongsTo: z.string().optional().meta({ description: 'The order, transfer, stocktake or run it is part of' }),
        eventId: z.string(),
        what: z.looseObject({}),
      }),
    ),
    next: Position.optional().meta({ description: '`after` of the next page' }),
    atHead: z.boolean().meta({ description: 'true: there was nothing after these' }),
  })
  .meta({ id: 'AuditPage' });

export const AUDIT_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/audit',
    id: 'getAudit',
    tag: 'Audit',
    summary: 'Who did what, when it happened, when it was known, and why',
    description: 'With `Accept: text/csv` or `application/x-ndjson` all of it as a file, streamed; else a page.',
    scopes: ['events:read'],
    query: AuditQuery,
    headers: ['Accept'],
    answers: { 200: ['Entries in log order', JSON_TYPE, AuditDocument] },
    alsoAs: ['text/csv', 'application/x-ndjson'],
    problems: [...READ, 'too-many-open'],
  },
];
