// The operations of /v1/cases.
import { CaseCommand } from '../../../domain/exception/case-commands.ts';
import { BulkCaseCommand, CaseQuery, CasesQuery } from '../cases.ts';
import { BulkCaseAnswer, CaseAnswerDocument, CaseList, CaseWithHistory } from './case-documents.ts';
import { AFTER, BODY, JSON_TYPE, type Operation, READ } from './operation.ts';

const UNDECIDED = ['conflict', 'unavailable', 'unknown-outcome', 'disk-full', 'invalid-command'] as const;

export const CASES_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/cases',
    id: 'getCases',
    tag: 'Cases',
    summary: 'Exception cases, the most severe first, then the oldest',
    scopes: ['cases:read'],
    query: CasesQuery,
    answers: { 200: ['A page, and how many there are', JSON_TYPE, CaseList] },
    problems: AFTER,
  },
  {
    method: 'post',
    path: '/v1/cases/commands',
    id: 'postBulkCaseCommand',
    tag: 'Cases',
    summary: 'One command for up to 500 cases, with a result for each',
    scopes: ['cases:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: BulkCaseCommand },
    answers: { 200: ['A result for each case, in their order', JSON_TYPE, BulkCaseAnswer] },
    problems: [...BODY, 'invalid-command', 'unavailable'],
  },
  {
    method: 'get',
    path: '/v1/cases/{caseId}',
    id: 'getCase',
    tag: 'Cases',
    summary: 'One case with its history',
    scopes: ['cases:read'],
    query: CaseQuery,
    answers: { 200: ['As it is now', JSON_TYPE, CaseWithHistory] },
    problems: [...READ, 'unknown-case'],
  },
  {
    method: 'post',
    path: '/v1/cases/{caseId}/commands',
    id: 'postCaseCommand',
    tag: 'Cases',
    summary: 'Assign, comment, retry, resolve or dismiss',
    description:
      'retry does what can be done for the kind of case and says what came of it. A resolved case opens again when its ' +
      'cause is seen again; a dismissed one when the cause was gone and came back.',
    scopes: ['cases:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: CaseCommand },
    answers: { 200: ['Taken', JSON_TYPE, CaseAnswerDocument] },
    problems: [...BODY, ...UNDECIDED, 'unknown-case', 'case-closed', 'not-retryable'],
  },
] as const satisfies readonly Operation[];
