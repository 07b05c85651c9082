// Exception cases as the API shows them. Imports only zod, words of the domain and such shapes: the dashboard takes its
// types from here.
import { z } from 'zod';
import { CaseId, Owner } from '../../../domain/exception/case-commands.ts';
import { CASE_EVENT_TYPES } from '../../../domain/exception/case-events.ts';
import { CASE_KINDS } from '../../../domain/exception/cause.ts';
import { Severity } from '../../../domain/policy/escalation.ts';
import { AGE_BUCKETS } from '../../../projections/case-age.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const status = z
  .enum(['open', 'assigned', 'resolved', 'dismissed', 'cleared'])
  .meta({ description: 'resolved and dismissed: by people · cleared: by itself, the cause is gone' });
const kind = z.enum(CASE_KINDS);
const text = z.string().optional();

const fields = {
  id: CaseId,
  status,
  kind,
  subject: z
    .strictObject({
      ...{ sku: text, location: text, channel: text, source: text, orderId: text, transferId: text },
      event: text.meta({ description: 'Stream and revision of the event that showed it' }),
    })
    .meta({ description: 'What it is about, as far as it is known' }),
  detail: z.string().meta({ description: 'For people, as it was seen last' }),
  proposals: z.array(z.string()).meta({ description: 'What could be done' }),
  units: count.optional().meta({ description: 'Units at stake' }),
  severity: Severity,
  owner: Owner,
  level: count.meta({ description: 'How often it was escalated' }),
  occurrence: count.meta({ description: '1, and one more each time the cause came back' }),
  sights: count.meta({ description: 'How often the cause was seen in this occurrence, at least' }),
  comments: count,
  openedAt: instant,
  lastSeenAt: instant,
  dueAt: instant.optional().meta({ description: 'From then on it is escalated; absent: nobody is above its owner' }),
  closedAt: instant.optional(),
  closedWith: z.string().optional().meta({ description: 'What was done, or why nothing had to be' }),
  retrying: z.boolean().meta({ description: 'A retry was asked for and has no outcome yet' }),
  lastRetry: z.string().optional().meta({ description: 'What came of the last retry' }),
  ageMs: count,
  overdue: z.boolean(),
};
export const CaseDocument = z.strictObject(fields).meta({ id: 'Case' });

export const CaseWithHistory = z
  .strictObject({
    ...fields,
    revision: count,
    history: z
      .array(
        z.looseObject({
          event: z.enum([...CASE_EVENT_TYPES]),
          at: instant,
          by: z.string().meta({ description: 'Whose key, or evenstock itself' }),
          commandId: z.string(),
        }),
      )
      .meta({ description: 'Its last 1,000 events, oldest first' }),
  })
  .meta({ id: 'CaseWithHistory' });

export const CaseList = z
  .strictObject({
    cases: z.array(CaseDocument),
    next: z.string().optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
    counts: z
      .strictObject({
        total: count,
        overdue: count,
        byKind: z.partialRecord(kind, count),
        byAge: z.record(z.enum(AGE_BUCKETS), count),
      })
      .meta({ description: 'Of all that the filter lets through' }),
    asOf: Position,
  })
  .meta({ id: 'CaseList' });

export const CaseAnswerDocument = z
  .strictObject({
    commandId: z.string(),
    outcome: z.literal('accepted'),
    duplicate: z.boolean(),
    settled: z.literal(true),
    revision: count,
    position: Position.optional(),
    case: CaseDocument,
  })
  .meta({ id: 'CaseAnswer' });

export const BulkCaseAnswer = z
  .strictObject({
    commandId: z.string(),
    results: z.array(
      z.strictObject({
        case: CaseId,
        outcome: z.enum(['accepted', 'refused', 'failed']).meta({ description: 'failed: send this one again' }),
        reason: z.string().optional(),
        detail: z.string().optional(),
        retryAfterMs: count.optional(),
        duplicate: z.boolean().optional(),
        revision: count.optional(),
        status: status.optional(),
        owner: Owner.optional(),
        lastRetry: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'BulkCaseAnswer' });
