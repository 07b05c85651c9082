// The sink of exception cases over any log, with a read model that follows when the test says so and virtual time.
import { systemHashes } from '../../adapters/platform.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import { type EventLog, type Position, START } from '../../domain/event-log.ts';
import type { Case } from '../../domain/exception/case.ts';
import { caseWorkflow } from '../../domain/exception/case-workflow.ts';
import { type Cases, createCases } from '../../projections/cases.ts';
import type { CaseWorkflows } from '../../server/cases/pending-cause.ts';
import { type KeptCauses, keepCauses } from '../../server/cases/sink.ts';
import { runWorkflow } from '../../server/workflows/workflows.ts';
import { casePolicy } from './case-story.ts';
import { virtualRunnerTime } from './read-side.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export interface CasesNode {
  readonly sink: KeptCauses;
  readonly workflows: CaseWorkflows;
  readonly time: VirtualTime;
  cases(): Cases;
  folded(): Position;
  /** Folds what is in the log. */
  fold(): Promise<void>;
  /** All cases in the log, folded anew. */
  inLog(): Promise<readonly Case[]>;
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly policy?: Policy;
  readonly time?: VirtualTime;
  readonly random?: () => number;
  /** The read model follows by itself, after every append. Default: true. */
  readonly follows?: boolean;
  readonly openPerKindMax?: number;
}

const NO_STOCKS = {
  submit: () => Promise.reject(new Error('a case asks no stock')),
};

export async function casesOver(log: EventLog, options: NodeOptions = {}): Promise<CasesNode> {
  const { policy = casePolicy(), time = createVirtualTime(undefined, 1), random = () => 0.5, follows = true } = options;
  const cases = createCases();
  let position = START;
  const troubles: string[] = [];
  const fold = async () => {
    for (const event of await log.readAll(position, 100_000)) {
      cases.apply(event);
      position = event.position;
    }
  };
  const followed: EventLog = {
    ...log,
    async append(...args) {
      const appended = await log.append(...args);
      if (follows) await fold();
      return appended;
    },
  };
  const { sleep, clock } = virtualRunnerTime(time);
  const workflows = runWorkflow(caseWorkflow, {
    ...{ log: followed, clock, hashes: systemHashes, random, sleep, stocks: NO_STOCKS },
    view: () => ({ policy, free: () => 0 }),
  });
  await fold();
  const sink = keepCauses({
    ...{ workflows, clock, random, hashes: systemHashes, sleep, lookMs: 20_000 },
    ...(options.openPerKindMax === undefined ? undefined : { openPerKindMax: options.openPerKindMax }),
    cases: () => cases,
    folded: () => position,
    head: await log.head(),
    troubled: (caseId, reason) => troubles.push(`${caseId}: ${reason}`),
  });
  return {
    ...{ sink, workflows, time, troubles, fold },
    cases: () => cases,
    folded: () => position,
    async inLog() {
      const anew = createCases();
      for (const event of await log.readAll(START, 100_000)) anew.apply(event);
      return [...anew.all()];
    },
    async close() {
      await sink.close();
      await workflows.close();
    },
  };
}
