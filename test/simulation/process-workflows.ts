// The workflows of one simulated process: the real runner of server/workflows over the process's own actors and its
// connection to the log. It may be ambushed: killed right where a workflow has asked and has not written it down yet.
import { systemHashes } from '../../adapters/platform.ts';
import { type EventLog, START } from '../../domain/event-log.ts';
import { orderWorkflow } from '../../domain/order/workflow.ts';
import type { StockCommand } from '../../domain/stock/commands.ts';
import type { Clock } from '../../domain/time.ts';
import { transferWorkflow } from '../../domain/transfer/workflow.ts';
import type { Workflow, WorkflowCommand } from '../../domain/workflow.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import type { Answer, StockActors } from '../../server/actors/answer.ts';
import type { WorkflowRoom } from '../../server/workflows/taking.ts';
import { runWorkflow, type Workflows } from '../../server/workflows/workflows.ts';
import type { VirtualTime } from '../support/virtual-time.ts';
import type { Chance } from './chance.ts';
import { type Life, mortal } from './life.ts';
import { connect, type LogServer } from './log-connection.ts';
import type { Plant } from './plant.ts';
import { type FollowingWorkflows, startProcessReactions } from './process-reactions.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

export interface ProcessWorkflows extends FollowingWorkflows {
  /** Goes on with everything that a process before owed. */
  resumeAll(): Promise<void>;
  close(): Promise<void>;
}

/** Who answers. */
export interface Answering {
  readonly name: string;
  readonly life: Life;
  readonly readModel: ReadModel | undefined;
}

/** What the world does when a workflow acts; set before anything starts. */
export interface WorkflowHooks {
  /** A workflow asks a stock. The result is called with what the stock says, if anybody lives to hear it. */
  asked: (command: StockCommand) => (answer: Answer, process: Answering) => void;
  /** Kills the process of that name. */
  ambush: (process: string) => void;
}

export interface WorkflowSurroundings {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly server: LogServer;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly plant: Plant | undefined;
  /** Set before anything starts. */
  readonly hooks: WorkflowHooks;
}

const WORKFLOW = /^(order|transfer)-/;
const READ_EVENTS = 1_000;

export function startWorkflows(
  name: string,
  room: WorkflowSurroundings,
  life: Life,
  clock: Clock,
  actors: StockActors,
  readModel: () => ReadModel | undefined,
): ProcessWorkflows {
  const { time, chance, server, scenario, hooks, trace, plant } = room;
  const forked = chance.fork(`${name} workflows ${time.now()}`);
  const log = connect(server, life, `${name} workflow`);
  const ambushed = (where: string) => {
    if (!life.alive || !forked.maybe(scenario.ambush)) return;
    trace.mark('crash between appends', `${name} is killed ${where}`);
    hooks.ambush(name);
  };
  const self: Answering = {
    name,
    life,
    get readModel() {
      return readModel();
    },
  };
  const stocks: WorkflowRoom['stocks'] = {
    async submit(envelope) {
      ambushed(`before ${envelope.command.id} is asked`);
      const answered = hooks.asked(envelope.command);
      const answer = await mortal(life, actors.submit(envelope));
      answered(answer, self);
      ambushed(`after ${envelope.command.id} was answered`);
      return answer;
    },
  };
  const runtime: WorkflowRoom = {
    log,
    clock,
    hashes: systemHashes,
    stocks,
    random: forked.next,
    sleep: (ms) => mortal(life, time.sleep(ms)),
    soleWriter: !scenario.remote,
    view: () => ({
      policy: scenario.policy,
      free: (sku, location) => freeAt(readModel(), sku, location),
    }),
    troubled: (stream, error) => trace.note(`${name} ${stream} is in trouble: ${String(error)}`),
  };
  const orders = runWorkflow(plant?.order ?? orderWorkflow, runtime);
  const transfers = runWorkflow(plant?.transfer ?? transferWorkflow, runtime);
  const reacting = startProcessReactions(room, life, clock, log, { orders, transfers, readModel });
  return {
    orders,
    transfers,
    async resumeAll() {
      for (const stream of await workflowsIn(log, life, time.sleep)) {
        const goesOn = () => trace.mark('workflow resumed after a crash', `${name} goes on with ${stream}`);
        const resume = plant?.forgetsWorkflows !== true;
        await (stream.startsWith('order-')
          ? goOn(orders, orderWorkflow, stream, { life, resume, goesOn })
          : goOn(transfers, transferWorkflow, stream, { life, resume, goesOn }));
      }
    },
    async close() {
      await (await reacting)?.close();
      await orders.close();
      await transfers.close();
    },
  };
}

interface Resuming {
  readonly life: Life;
  readonly resume: boolean;
  /** The workflow of this stream owes something still. */
  readonly goesOn: () => void;
}

async function goOn<S, C extends WorkflowCommand, E extends { readonly type: string }, R extends string>(
  workflows: Workflows<S, C, R>,
  workflow: Workflow<S, C, E, R>,
  stream: string,
  { life, resume, goesOn }: Resuming,
): Promise<void> {
  const id = stream.slice(workflow.category.length + 1);
  const found = await mortal(life, workflows.state(id)).catch(() => undefined);
  if (found !== undefined && workflow.owed(found.state).length > 0) goesOn();
  if (resume) void workflows.resume(id);
}

/** Free at a stock as the read model sees it; where there is none, enough to ask. */
function freeAt(readModel: ReadModel | undefined, sku: string, location: string): number {
  if (readModel === undefined) return FREE_UNSEEN;
  const levels = readModel.availability.stock(sku, location)?.levels;
  return levels === undefined ? 0 : Math.max(0, levels.onHand - levels.reserved - levels.quarantined);
}
const FREE_UNSEEN = 4;

/** The stream of every workflow in the log; asked again until the log answers. */
async function workflowsIn(
  log: EventLog,
  life: Life,
  sleep: (ms: number) => Promise<void>,
): Promise<readonly string[]> {
  const streams = new Set<string>();
  for (let after = START; life.alive; ) {
    const page = await log.readAll(after, READ_EVENTS).catch(() => undefined);
    if (page === undefined) {
      await sleep(200);
      continue;
    }
    const last = page.at(-1);
    if (last === undefined) return [...streams];
    after = last.position;
    for (const { stream } of page) if (WORKFLOW.test(stream)) streams.add(stream);
  }
  return [];
}
