// A server's own sealing over a log in memory that somebody may alter, with time that moves only when told and a folder of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { type Checkpoints, memoryCheckpoints } from '../../adapters/checkpoints.ts';
import { createMemoryLog } from '../../adapters/event-log/memory.ts';
import { systemHashes } from '../../adapters/platform.ts';
import { type CheckedSeals, checkSeals } from '../../adapters/seals/check-seals.ts';
import { type RoundsRoom, sealRounds } from '../../adapters/seals/seal-rounds.ts';
import { generateSigningKey, type SigningKey, signingKey } from '../../adapters/seals/signing.ts';
import { type RecordedEvent, START } from '../../domain/event-log.ts';
import type { Seal } from '../../domain/seal/entry.ts';
import { HOUR } from '../../domain/time.ts';
import { type Sealing, type SealingRoom, startSealing } from '../../server/seals/sealing.ts';
import { actorsOver, submit } from './actors.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

type Events = readonly RecordedEvent[];

export interface SealedServer {
  readonly file: string;
  readonly time: VirtualTime;
  readonly key: SigningKey;
  /** What was logged: level and fields. */
  readonly told: (readonly ['info' | 'error', object])[];
  readonly checkpoints: Checkpoints;
  /** A delivery of each SKU. */
  trade(...skus: readonly string[]): Promise<void>;
  events(): Promise<Events>;
  /** What the log shows from now on. */
  alter(change: (events: Events) => Events): void;
  start(more?: Partial<RoundsRoom> & { readonly pieceEvents?: number }): Sealing;
  /** Lets files be written and rests pass, a few ms of the virtual time at a time. */
  until(reached: () => boolean): Promise<void>;
  /** Lets `ms` of the virtual time pass, and what is done meanwhile be done. */
  pass(ms: number): Promise<void>;
  seals(): readonly Seal[];
  /** As `evenstock verify` does. */
  check(): Promise<CheckedSeals>;
}

export function sealedServer(directory = mkdtempSync(join(tmpdir(), 'evenstock-sealing-'))): SealedServer {
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const time = createVirtualTime();
  const memory = createMemoryLog();
  const actors = actorsOver(memory, { now: time.clock.now });
  const key = signingKey(generateSigningKey().privatePem);
  const file = join(directory, 'seals.ndjson');
  const told: (readonly ['info' | 'error', object])[] = [];
  let change = (events: Events) => events;
  const events = async () => change(await memory.readAll(START, 10_000));
  const log = {
    head: async () => (await events()).at(-1)?.position ?? START,
    read: async (stream: string, from: number, limit: number) =>
      (await events()).filter((one) => one.stream === stream && one.revision >= from).slice(0, limit),
    readAll: async (after: bigint, limit: number) =>
      (await events()).filter(({ position }) => position > after).slice(0, limit),
  };
  const checkpoints = memoryCheckpoints();
  const room = {
    ...{ file, key: () => key, log, hashes: systemHashes, checkpoints },
    ...{ clock: time.clock, timers: time.timers, sleep: time.sleep },
  };
  const logger = {
    info: (fields: object) => void told.push(['info', fields]),
    error: (fields: object) => void told.push(['error', fields]),
  } as SealingRoom['logger'];
  const turn = async () => {
    await time.advance(2);
    await delay(2);
  };
  return {
    ...{ file, time, key, told, checkpoints, events },
    async trade(...skus) {
      for (const sku of skus) await submit(actors, { type: 'receipt', sku, quantity: 5 });
    },
    alter(next) {
      change = next;
    },
    start({ pieceEvents, ...more } = {}) {
      const given = { ...room, ...more };
      const rounds = (signal: AbortSignal) => sealRounds({ ...given, signal }, pieceEvents);
      const sealing = startSealing({ ...given, logger, everyMs: HOUR, rounds });
      onTestFinished(() => sealing.close());
      return sealing;
    },
    async until(reached) {
      const look = async () => {
        await turn();
        return reached();
      };
      await expect.poll(look, { timeout: 30_000, interval: 0 }).toBe(true);
    },
    async pass(ms) {
      await time.advance(ms);
      for (let n = 0; n < 40; n++) await turn();
    },
    seals: () =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Seal),
    check: () => checkSeals((after = START) => pagesOf(events, after), file, [key.public]),
  };
}

async function* pagesOf(events: () => Promise<Events>, after: bigint): AsyncGenerator<Events> {
  yield (await events()).filter(({ position }) => position > after);
}
