// How the main figures went in the last half hour: one sample every few seconds, in a ring, so that a page that is opened
// has a curve at once. Bounded by the channels of the policy; forgets at a restart.
import type { Instant } from '../../domain/time.ts';

export interface Sample {
  readonly at: Instant;
  /** Commands a second since the sample before. */
  readonly commandsPerSecond: number;
  /** SKU-locations. */
  readonly oversold: number;
  readonly openCases: number;
  readonly channels: ReadonlyMap<string, ChannelSample>;
}

export interface ChannelSample {
  /** ms; undefined: nothing was told lately. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly backlog: number;
}

export const SAMPLE_MS = 5_000;
const SAMPLES_MAX = (30 * 60_000) / SAMPLE_MS;

export interface Samples {
  add(sample: Sample): void;
  /** Oldest first. */
  all(): readonly Sample[];
}

export function createSamples(max: number = SAMPLES_MAX): Samples {
  let samples: Sample[] = [];
  return {
    add(sample) {
      samples.push(sample);
      if (samples.length > 2 * max) samples = samples.slice(-max);
    },
    all: () => samples.slice(-max),
  };
}
