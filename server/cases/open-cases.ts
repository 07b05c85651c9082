// Puts exception cases together: the sink that everybody raises into, what is raised here from events and by looking,
// the remedies of `retry`, escalation, and the desk where people work on them.

import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { Policy } from '../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../domain/event-log.ts';
import type { Case } from '../../domain/exception/case.ts';
import { caseWorkflow } from '../../domain/exception/case-workflow.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import { type Instant, SECOND } from '../../domain/time.ts';
import { CASES_PROJECTION, type CasesReader } from '../../projections/cases.ts';
import type { StockActors } from '../actors/answer.ts';
import { spansOf } from '../observe/spans.ts';
import type { ProblemName } from '../problems.ts';
import type { ProcessBase } from '../process-room.ts';
import type { Reaction, Reactions } from '../reactions/reactions.ts';
import { runWorkflow } from '../workflows/workflows.ts';
import { publishAgain } from './channels.ts';
import { createDesk, type Desk } from './desk.ts';
import { watchLate } from './escalating.ts';
import { raiseFromEvents } from './event-reaction.ts';
import { gaugeCases } from './gauges.ts';
import { recheckStock } from './oversold.ts';
import {
  ofReaction,
  PROJECTION_PREFIX,
  REACTION_PREFIX,
  reactAgain,
  rebuildProjection,
  watchDeadLetters,
} from './poison.ts';
import { createRemedies, type Remedies } from './remedies.ts';
import { recheckGap, watchGaps } from './sequence-gaps.ts';
import { type KeptCauses, keepCauses } from './sink.ts';
import { recheckName, unmappedBy, watchUnmapped } from './unmapped.ts';
import { startWatching } from './watching.ts';

/** For the HTTP API. */
export interface CaseProcess extends Pick<Desk, 'submit'> {
  /** The instance that serves now. */
  reader(): CasesReader;
  state(id: string): Promise<{ readonly state: Case; readonly revision: number } | undefined>;
  now(): Instant;
  /** A command named what the policy does not know. */
  rejected(reason: ProblemName, command: StockCommand, client: { readonly id: string }): void;
}

export interface OpenedCases {
  readonly cases: CaseProcess;
  readonly sink: KeptCauses;
  readonly remedies: Remedies;
  readonly reaction: Reaction;
  setAside(reaction: string, event: RecordedEvent, error: unknown): void;
  /** Reactions exist: what they set aside can be reacted to again. */
  follow(reactions: Reactions): void;
  close(): Promise<void>;
}

export interface CasesRoom extends ProcessBase {
  readonly actors: StockActors;
  readonly publishing: Publishing;
  readonly policy: () => Policy;
  /** How long a gap may last before it is a case, ms. */
  readonly casePatienceMs: number;
}

const LOOK_MS_MAX = 15 * SECOND;
const LOOKS_IN_PATIENCE = 8;
const CATCH_UP_MS = SECOND;

export async function openCases(room: CasesRoom): Promise<OpenedCases> {
  const { log, readModel, clock, random, sleep, hashes, soleWriter, logger } = room;
  const reader = () => readModel.projection(CASES_PROJECTION);
  const folded = readModel.availability.position;
  const troubled = (caseId: string, reason: string) => logger.warn({ case: caseId, reason }, 'exception case');
  const workflows = runWorkflow(caseWorkflow, {
    ...{ log, clock, random, sleep, hashes, soleWriter, stocks: room.actors },
    spans: spansOf(room.telemetry),
    view: () => ({ policy: room.policy(), free: readModel.availability.free }),
  });
  const head = await log.head();
  const sink = keepCauses({ workflows, cases: reader, folded, head, clock, random, hashes, sleep, troubled });
  const remedies = createRemedies();
  const desk = createDesk({ workflows, remedies, cases: reader, folded, sink, head: () => log.head() });
  const ready = caughtUp(() => readModel.waitFor(head, CATCH_UP_MS));
  const watching = startWatching({
    looks: [...looksOf(room, sink), watchLate({ cases: reader, workflows, troubled }), desk.lookForLeftRetries],
    ...{ clock, sleep, ready: ready.promise, troubled: (reason) => logger.error({ reason }, 'exception cases') },
    everyMs: Math.min(LOOK_MS_MAX, Math.ceil(room.casePatienceMs / LOOKS_IN_PATIENCE)),
  });
  addRemedies(remedies, room);
  gaugeCases({ telemetry: room.telemetry, cases: reader, pending: () => sink.pending, clock });
  return {
    sink,
    remedies,
    cases: {
      submit: desk.submit,
      reader,
      state: workflows.state,
      now: clock.now,
      rejected(reason, command, client) {
        const cause = unmappedBy(reason, command, client, room.policy());
        if (cause !== undefined) sink.raise(cause);
      },
    },
    reaction: raiseFromEvents(sink, () => folded() >= head),
    setAside(reaction, event, error) {
      logger.warn({ reaction, event: `${event.stream}@${event.revision}`, error: String(error) }, 'event set aside');
      sink.raise(ofReaction(reaction, event, error));
    },
    follow(reactions) {
      remedies.add('poison-message', REACTION_PREFIX, reactAgain(reactions, log));
    },
    async close() {
      ready.end();
      await watching.close();
      await sink.close();
      await workflows.close();
    },
  };
}

function looksOf({ readModel, policy, casePatienceMs: patienceMs }: CasesRoom, sink: KeptCauses) {
  const cases = () => readModel.projection(CASES_PROJECTION);
  return [
    watchDeadLetters({ readModel, cases, sink }),
    watchGaps({ sequences: readModel.sequences, cases, sink, patienceMs }),
    watchUnmapped({ policy, cases, sink }),
  ];
}

function addRemedies(remedies: Remedies, { readModel, publishing, policy, sleep }: CasesRoom): void {
  remedies.add('poison-message', PROJECTION_PREFIX, rebuildProjection({ readModel }, sleep));
  remedies.add('sequence-gap', 'source:', recheckGap({ sequences: readModel.sequences }));
  for (const prefix of ['sku:', 'location:', 'channel:']) remedies.add('unmapped-sku', prefix, recheckName({ policy }));
  remedies.add('refused-publish', 'channel:', publishAgain({ publishing }));
  remedies.add('shortfall', 'stock:', recheckStock(readModel.availability));
}

/** Resolves when `wait` answers true; `end` lets go of who waits. */
function caughtUp(wait: () => Promise<boolean>): { readonly promise: Promise<void>; end(): void } {
  let ended = false;
  const run = async () => {
    while (!ended && !(await wait()));
  };
  return {
    promise: run(),
    end() {
      ended = true;
    },
  };
}
