// The machine as far as it explains a figure: no names, no addresses.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly kernel: string;
  readonly node: string;
  /** Of the folder where the stores keep their files. */
  readonly fileSystem: string;
}

export function describeMachine(directory: string): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    os: distribution() ?? os.version(),
    kernel: `${os.type()} ${/^[\d.]+/.exec(os.release())?.[0] ?? ''}`.trim(),
    node: process.version,
    fileSystem: fileSystemOf(directory),
  };
}

function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function fileSystemOf(directory: string): string {
  try {
    return (
      execFileSync('df', ['--output=fstype', directory], { encoding: 'utf8' }).trim().split('\n').at(-1) ?? 'unknown'
    );
  } catch {
    return 'unknown';
  }
}
