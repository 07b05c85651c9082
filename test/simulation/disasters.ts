// What befalls the world between two steps of trading. Each seed has its own mix.
import type { Position } from '../../domain/event-log.ts';
import { UnknownOutcome } from '../../domain/event-log.ts';
import type { Chance } from './chance.ts';
import { outage, type SimulatedChannel } from './channels.ts';
import type { Cluster, ClusterRoom } from './cluster.ts';
import { DISASTERS, type Disaster } from './scenario.ts';
import { POISON } from './witness.ts';

export interface Disasters {
  /** One of them, by the seed's weights. Resolves when the step may go on. */
  strike(): Promise<void>;
}

const PAUSE_MS_MIN = 60_000;
const PAUSE_MS_MAX = 1_800_000;
const OUTAGE_MS_MAX = 40_000;

export function createDisasters(room: ClusterRoom, cluster: Cluster): Disasters {
  const { scenario, time, trace, server, channels } = room;
  const chance = room.chance.fork('disasters');
  const someChannel = () => chance.pick([...channels.values()]);
  let poisoned = 0;

  const deeds: Readonly<Record<Disaster, () => void | Promise<void>>> = {
    crash: () => cluster.crash(),
    stop: () => cluster.stop(),
    second: () => cluster.crashSecond(),
    'log outage'() {
      server.down = true;
      const ms = chance.wide(50, OUTAGE_MS_MAX);
      trace.note(`log: down for ${ms} ms`);
      time.timers.after(ms, () => {
        server.down = false;
      });
    },
    'log restart'() {
      // An embedded log is restarted with its process, by a crash.
      if (!scenario.remote) return;
      const lost = server.log.tear(chance.between(0, server.log.pending), new UnknownOutcome('the log was restarted'));
      server.generation += 1;
      trace.mark('log restarted', `log: restarted, forgets ${lost} frames`);
      if (lost > 0) trace.mark('torn tail');
    },
    'channel outage': () => outage(someChannel(), time, chance, trace),
    refusals: () => refuse(someChannel(), scenario.skus, chance),
    poison() {
      poisoned += 1;
      const id = `00000000-0000-4000-8000-${String(poisoned).padStart(12, '0')}`;
      const event = { id, type: POISON, data: { v: 1 }, metadata: {} };
      // A stream each: what is torn off or refused leaves no gap.
      server.log.write(`stock-poison-${poisoned}~north`, -1, [event]).committed.catch(() => {});
      server.commitSoon();
    },
    clock: () => cluster.moveClocks(),
    rebuild() {
      const { main } = cluster;
      if (main?.readModel === undefined) return;
      trace.mark('rebuild while serving', `${main.name} rebuilds`);
      // It fails when the log does; what served goes on serving.
      main.readModel.rebuild().catch((error: unknown) => trace.note(`the rebuild failed: ${String(error)}`));
    },
    'long pause': () => time.advance(chance.wide(PAUSE_MS_MIN, PAUSE_MS_MAX)),
  };

  return {
    async strike() {
      if (DISASTERS.some((name) => scenario.disasters[name] > 0)) await deeds[chance.weighted(scenario.disasters)]();
    },
  };
}

function refuse({ refused }: SimulatedChannel, skus: readonly string[], chance: Chance): void {
  if (refused.size > 0 && chance.maybe(0.5)) refused.clear();
  else refused.add(chance.pick(skus));
}

/** Looked at now and then: what the read side says of itself. */
export function observe({ trace, channels }: ClusterRoom, cluster: Cluster, head: Position): void {
  const { main } = cluster;
  if (main?.readModel === undefined || main.publishing === undefined) return;
  const { position } = main.readModel.status();
  if (position > head) trace.violated('P8', `the read model is at ${position}, the log at ${head}`);
  if (main.readModel.deadLetters().length > 0) trace.mark('dead letter of a projection');
  for (const id of channels.keys()) {
    const status = main.publishing.status(id)!;
    if (status.state === 'open') trace.mark('open breaker');
    if (status.deadLetters > 0) trace.mark('dead letter of a channel');
  }
}
