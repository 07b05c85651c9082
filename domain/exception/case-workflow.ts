// An exception case as a workflow: a stream of its own with a decider, that owes the stocks nothing.
import type { Workflow } from '../workflow.ts';
import { type Case, evolveCase, noCase } from './case.ts';
import type { AnyCaseCommand } from './case-commands.ts';
import { CASE_EVENT_TYPES, CASE_EVENT_VERSION, CASE_UPCASTERS, type CaseEvent } from './case-events.ts';
import { type CaseRefusal, decideCase } from './decide.ts';

export const caseWorkflow: Workflow<Case, AnyCaseCommand, CaseEvent, CaseRefusal> = {
  category: 'case',
  version: CASE_EVENT_VERSION,
  types: CASE_EVENT_TYPES,
  upcasters: CASE_UPCASTERS,
  initial: noCase,
  decide: (state, command, { now, policy }) => decideCase(state, command, { now, rules: policy }),
  evolve: evolveCase,
  owed: () => [],
  record({ id }) {
    throw new Error(`case ${id} owes the stocks nothing, so there is no answer to record`);
  },
};
