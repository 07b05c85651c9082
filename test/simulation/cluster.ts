// The processes of a run, kept running: started again after they crash, stop or fail to start, on what is left of their disk.
// The first has everything; with a remote log a second one takes commands too.
import { type ProcessRoom, type SimulatedProcess, startProcess } from './process.ts';
import type { StoredFiles } from './stored-files.ts';

export interface Cluster {
  /** The process with the read side, while it serves. */
  readonly main: SimulatedProcess | undefined;
  /** Any process that serves. */
  pick(): SimulatedProcess | undefined;
  crash(): void;
  stop(): void;
  crashSecond(): void;
  moveClocks(): void;
  /** Every clock is right again. */
  setClocks(): void;
  /** Keeps a copy of the disk, to be brought back after a crash. */
  backUp(): void;
  /** Ends everything; resolves when no file is held. */
  end(): Promise<void>;
}

export interface ClusterRoom extends ProcessRoom {
  readonly files: StoredFiles;
}

const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 20_000;
const SKEW_MS_MAX = 3_600_000;
const DAY_MS = 86_400_000;

export function startCluster(room: ClusterRoom): Cluster {
  const { time, trace, server, files, snapshots, scenario } = room;
  const chance = room.chance.fork('cluster');
  const ghosts = new Set<Promise<void>>();
  const setClocks = (mainMs: number, secondMs: number) => {
    skew.main = mainMs;
    skew.second = secondMs;
    if (main !== undefined) main.skewMs = mainMs;
    if (second !== undefined) second.skewMs = secondMs;
  };
  const skew = { main: 0, second: chance.between(-5_000, 5_000) };
  let main: SimulatedProcess | undefined;
  let second: SimulatedProcess | undefined;
  let isServing = false;
  let backup: string | undefined;
  let starts = 0;
  let ended = false;

  const bury = (ghost: Promise<void>, directory: string | undefined) => {
    const buried = ghost
      .catch((error: unknown) => trace.violated('crash', `a dead process failed: ${String(error)}`))
      .then(() => {
        ghosts.delete(buried);
        if (directory !== undefined) files.discard(directory);
      });
    ghosts.add(buried);
  };
  const again = (directory: string) => {
    const ms = chance.wide(RESTART_MS_MIN, RESTART_MS_MAX);
    time.timers.after(ms, () => start(directory));
  };
  const start = (directory: string) => {
    if (ended) return;
    starts += 1;
    const starting = startProcess(`main-${starts}`, room, skew.main, directory);
    main = starting;
    trace.note(`${starting.name} starts`);
    starting.ready.then(
      () => {
        if (main !== starting) return;
        isServing = true;
        trace.note(`${starting.name} serves`);
      },
      (error: Error) => {
        if (main !== starting) return;
        trace.note(`${starting.name} cannot start: ${error.message}`);
        if (error.name === 'CheckpointAhead') trace.violated('acknowledged', error.message);
        main = undefined;
        bury(starting.crash(), undefined);
        again(error.name === 'CheckpointAhead' ? files.empty() : directory);
      },
    );
  };
  const startSecond = () => {
    if (ended || !scenario.remote) return;
    starts += 1;
    second = startProcess(`second-${starts}`, room, skew.second, undefined);
    trace.note(`${second.name} starts`);
  };
  /** What the next process finds of the disk of the one that is dying. */
  const leftOf = (directory: string): string => {
    const drawn = chance.next();
    if (drawn < 0.15) {
      trace.mark('projections lost');
      return files.empty();
    }
    if (drawn < 0.4 && backup !== undefined) {
      trace.mark('older projections restored');
      return files.copyOf(backup);
    }
    return files.copyOf(directory);
  };

  const cluster: Cluster = {
    get main() {
      return isServing ? main : undefined;
    },
    pick() {
      const serving = [isServing ? main : undefined, second].filter((process) => process !== undefined);
      return serving.length === 0 ? undefined : chance.pick(serving);
    },
    crash() {
      if (main === undefined) return;
      const { name, directory } = main;
      trace.mark('crash', `${name} crashes`);
      const left = leftOf(directory!);
      bury(main.crash(), directory);
      main = undefined;
      isServing = false;
      if (!scenario.remote) {
        const lost = server.log.tear(chance.between(0, server.log.pending));
        if (lost > 0) trace.mark('torn tail', `log: forgets ${lost} frames`);
      }
      if (chance.maybe(0.3)) snapshots.goBack();
      again(left);
    },
    stop() {
      if (!isServing || main === undefined) return;
      trace.mark('clean stop', `${main.name} stops`);
      const { directory } = main;
      const stopping = main.stop().then(() => again(directory!));
      main = undefined;
      isServing = false;
      bury(stopping, undefined);
    },
    crashSecond() {
      if (second === undefined) return;
      trace.mark('second process down', `${second.name} crashes`);
      bury(second.crash(), undefined);
      second = undefined;
      time.timers.after(chance.wide(RESTART_MS_MIN, RESTART_MS_MAX), startSecond);
    },
    moveClocks() {
      const moved = chance.maybe(0.2) ? DAY_MS : chance.between(-SKEW_MS_MAX, SKEW_MS_MAX);
      setClocks(chance.maybe(0.5) ? moved : 0, chance.maybe(0.5) ? moved : 0);
      trace.mark('clock moved', `clocks: ${skew.main} and ${skew.second} ms ahead`);
    },
    setClocks: () => setClocks(0, 0),
    backUp() {
      if (main === undefined) return;
      if (backup !== undefined) files.discard(backup);
      backup = files.copyOf(main.directory!);
    },
    async end() {
      ended = true;
      const stopping = [main?.stop(), second?.stop()];
      main = undefined;
      second = undefined;
      isServing = false;
      await Promise.all(stopping);
      while (ghosts.size > 0) await Promise.all(ghosts);
    },
  };
  room.hooks.ambush = (name) => {
    if (name === main?.name) cluster.crash();
    else if (name === second?.name) cluster.crashSecond();
  };
  start(files.empty());
  startSecond();
  return cluster;
}
