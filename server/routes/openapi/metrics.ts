// GET /metrics in the OpenAPI document.
import { z } from 'zod';
import { KEYED, type Operation } from './operation.ts';

export const METRICS_OPERATION: Operation = {
  method: 'get',
  path: '/metrics',
  id: 'getMetrics',
  tag: 'Operations',
  summary: "Metrics in Prometheus's text format",
  description:
    'There with METRICS=key, and with METRICS=loopback also without a key for whoever asks from the same machine. ' +
    'What each metric is: docs/operations.md.',
  scopes: ['metrics:read'],
  answers: { 200: ['The metrics of this moment', 'text/plain', z.string()] },
  problems: [...KEYED, 'not-found'],
};
