// Bundles as a workflow (domain/workflow.ts): the stream `bundle-<id>`, its decider, and what it owes the components.
import type { Workflow } from '../workflow.ts';
import { type BundleRefusal, type BundleWork, decide } from './decide.ts';
import { BUNDLE_EVENT_TYPES, BUNDLE_EVENT_VERSION, BUNDLE_UPCASTERS, type BundleEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { type Handling, newHandling } from './handling.ts';
import { BUNDLE_CATEGORY } from './stream.ts';

export const bundleWorkflow: Workflow<Handling, BundleWork, BundleEvent, BundleRefusal> = {
  category: BUNDLE_CATEGORY,
  version: BUNDLE_EVENT_VERSION,
  types: BUNDLE_EVENT_TYPES,
  upcasters: BUNDLE_UPCASTERS,
  initial: newHandling,
  decide,
  evolve,
  owed: ({ pending }) => pending[0]?.asks ?? [],
  // Another process may be told otherwise by the same component, so the answers name the record.
  record: (_, answers) => ({
    type: 'record',
    id: `${answers[0]!.command.id} ${answers.map(({ command, answer }) => `${command.sku} ${answer.outcome}`).join(' ')}`,
    answers: answers.map(({ command, answer }) => ({
      sku: command.sku,
      askId: command.id,
      commandId: command.causationId ?? '',
      reserved: command.type === 'reservation.make' && answer.outcome === 'accepted',
      outcome: answer.outcome,
      ...(answer.outcome === 'refused'
        ? { reason: answer.reason, detail: answer.detail }
        : { revision: answer.revision }),
    })),
  }),
};
