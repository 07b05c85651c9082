// Loaded before the server (`node --import`): says each second, over IPC, what only the process itself knows.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Probed {
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Buffers and what else V8 holds outside its heap. */
  readonly externalBytes: number;
  /** Of the last second: how late the event loop was, at the 99th percentile and at most, ms. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

const RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
setInterval(() => {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  // It measures from tick to tick.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const probed: Probed = {
    ...{ residentBytes: rss, heapBytes: heapUsed, externalBytes: external + arrayBuffers },
    ...{ delayP99Ms: late(delay.percentile(99)), delayMaxMs: late(delay.max) },
  };
  delay.reset();
  if (process.connected) process.send?.(probed);
}, 1_000).unref();
process.channel?.unref();
