// The operation of /v1/client.
import { ClientDocument } from './client-document.ts';
import { JSON_TYPE, type Operation, READ } from './operation.ts';

export const CLIENT_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/client',
    id: 'getClient',
    tag: 'Operations',
    summary: 'Whom the key belongs to, and what it may do',
    scopes: [],
    answers: { 200: ['Its client', JSON_TYPE, ClientDocument] },
    problems: READ,
  },
] as const satisfies readonly Operation[];
