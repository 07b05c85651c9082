// What every simulator does that runs as a process of its own: refuses wrong options with its usage, and ends by a signal.
import { Faults } from './faults.ts';

/** sysexits.h: EX_USAGE. */
const USAGE_EXIT = 64;

export interface SimulatorProcess {
  /** Says what is wrong and how it is meant, and ends. */
  fail(message: string): never;
  /** What `read` gives; fails with what it throws, as `parseArgs` does. */
  options<T>(read: () => T): T;
  /** Of `--faults`. @throws as `options` expects */
  faults(json: string): Faults;
  /** A variable of the environment that must be set. */
  variable(name: string): string;
}

export function createProcess(usage: string): SimulatorProcess {
  const fail = (message: string): never => {
    process.stderr.write(`${message}\n\n${usage}`);
    process.exit(USAGE_EXIT);
  };
  return {
    fail,
    options(read) {
      try {
        return read();
      } catch (error) {
        return fail(error instanceof Error ? error.message : String(error));
      }
    },
    faults: (json) => Faults.parse(JSON.parse(json)),
    variable: (name) => process.env[name] || fail(`${name} is not set`),
  };
}

/** Ends the process by SIGINT or SIGTERM, after `close`. Gives what ends it. */
export function endBySignal(close: () => Promise<void>): () => void {
  const end = () => void close().then(() => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  return end;
}
