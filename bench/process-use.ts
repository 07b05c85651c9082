// CPU time and memory of another process and its children, from /proc. Linux only: elsewhere undefined.
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessUse {
  readonly cpuSeconds: number;
  /** Resident set. For a process with children their sum: memory they share is counted once for each. */
  readonly residentBytes: number;
}

/** `getconf CLK_TCK`, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

export function processUse(pid: number): ProcessUse | undefined {
  try {
    // The command name may hold spaces and parentheses; the fields after its last parenthesis do not.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    let cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    let residentBytes = Number(fields[21]) * PAGE_BYTES;
    for (const child of childrenOf(pid)) {
      const use = processUse(child);
      cpuSeconds += use?.cpuSeconds ?? 0;
      residentBytes += use?.residentBytes ?? 0;
    }
    return { cpuSeconds, residentBytes };
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}

/** CPU time of the whole machine that was not idle, s. Its growth beyond ours is somebody else's work: a noisy run. */
export function machineBusySeconds(): number | undefined {
  try {
    const [user, nice, system, , , irq, softIrq, steal] = readFileSync('/proc/stat', 'latin1')
      .slice(0, 200)
      .split('\n')[0]!
      .split(/ +/)
      .slice(1)
      .map(Number);
    return (user! + nice! + system! + irq! + softIrq! + steal!) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
