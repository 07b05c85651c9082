// The bytes of the `published` projection: one page for each channel's record, and its SKUs in buckets, so that a batch
// rewrites little. Rows are sorted, so equal state gives equal bytes.
import { bigintAsText } from '../domain/bigint-json.ts';
import { CHAIN_GENESIS } from '../domain/event-id.ts';
import { NO_STREAM, type Position, START } from '../domain/event-log.ts';
import { hashBucket } from '../domain/hash-bucket.ts';
import type { Instant } from '../domain/time.ts';
import type { Accepted, Shown } from './shown.ts';

export interface ChannelRecord {
  /** Of the channel's stream. */
  readonly revision: number;
  readonly hash: string;
  /** Position of the stream's first event: before it the channel was told nothing. */
  readonly since: Position;
  /** The policy it was last published under; empty: never. */
  readonly policy: string;
  /** Nothing was in flight when the stream ended. */
  readonly stopped: boolean;
  /** What was sent and is not recorded has at least this version. */
  readonly floor: Position;
  readonly confirmed: number;
  readonly refused: number;
  readonly unknown: number;
  readonly postponed: number;
  readonly lastConfirmedAt: Instant | undefined;
  readonly lagMs: number;
  /** Who publishes to it; undefined: nobody does, it is free. */
  readonly holder: Holder | undefined;
  /** Of the last event of whoever publishes: it lived. */
  readonly livedAt: number;
  /** Another node asked since whether it lives. */
  readonly asked: boolean;
  /** Somebody had publishing paused; undefined: nobody has, or it was resumed. */
  readonly paused: Pause | undefined;
}

export interface Pause {
  readonly at: Instant;
  readonly by: string;
  readonly reason?: string | undefined;
}

/** Empty where it was not said: a process that has the log for itself, or an older version. */
export interface Holder {
  readonly node: string;
  readonly session: string;
}

export const UNRECORDED: ChannelRecord = {
  revision: NO_STREAM,
  hash: CHAIN_GENESIS,
  since: START,
  policy: '',
  stopped: true,
  floor: START,
  confirmed: 0,
  refused: 0,
  unknown: 0,
  postponed: 0,
  lastConfirmedAt: undefined,
  lagMs: 0,
  holder: undefined,
  livedAt: NO_STREAM,
  asked: false,
  paused: undefined,
};

export const BUCKETS = 512;

export function bucketOf(sku: string): number {
  return hashBucket(sku, BUCKETS);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytesOf = (value: unknown) => encoder.encode(JSON.stringify(value, bigintAsText));

const FIELDS = Object.keys(UNRECORDED) as readonly (keyof ChannelRecord)[];

export function recordBytes(record: ChannelRecord): Uint8Array {
  return bytesOf(FIELDS.map((field) => record[field] ?? null));
}

export function readRecord(bytes: Uint8Array): ChannelRecord {
  const values = JSON.parse(decoder.decode(bytes)) as unknown[];
  const read = Object.fromEntries(FIELDS.map((field, n) => [field, values[n] ?? undefined]));
  const positions = { since: BigInt(read['since'] as string), floor: BigInt(read['floor'] as string) };
  return { ...read, ...positions } as unknown as ChannelRecord;
}

type Row = [
  sku: string,
  units: number | null,
  unitsVersion: string,
  version: string,
  uncertainUpTo: number | null,
  doubtedAt: string | null,
  refused: [number, string] | null,
  accepted?: [at: number, isBulk: 0 | 1] | null,
  older?: readonly number[],
  lost?: number,
  feed?: [at: number, units: number] | null,
];

export function rowBytes(bucket: Iterable<readonly [sku: string, shown: Shown]>): Uint8Array {
  const rows = [...bucket].sort(([a], [b]) => (a < b ? -1 : 1));
  return bytesOf(rows.map(([sku, shown]) => rowOf(sku, shown)));
}

function rowOf(sku: string, shown: Shown): readonly unknown[] {
  const { units, unitsVersion, version, uncertainUpTo, doubtedAt, refused, accepted, older, lost, feed } = shown;
  const cells = [sku, units ?? null, unitsVersion, version, uncertainUpTo ?? null, doubtedAt ?? null];
  const parked = refused === undefined ? null : [refused.units, refused.reason];
  // At most channels no value is only accepted.
  if (accepted === undefined && older.length === 0 && lost === 0 && feed === undefined) return [...cells, parked];
  return [...cells, parked, acceptedCells(accepted), older, lost, feed === undefined ? null : [feed.at, feed.units]];
}

type AcceptedCells = NonNullable<Row[7]>;

function acceptedCells(accepted: Accepted | undefined): AcceptedCells | null {
  return accepted === undefined ? null : [accepted.at, accepted.lane === 'bulk' ? 1 : 0];
}

function readAccepted([at, isBulk]: AcceptedCells): Accepted {
  return { at, lane: isBulk === 1 ? 'bulk' : 'urgent' };
}

export function readRows(bytes: Uint8Array): Map<string, Shown> {
  const bucket = new Map<string, Shown>();
  for (const row of JSON.parse(decoder.decode(bytes)) as Row[]) {
    const [sku, units, unitsVersion, version, uncertainUpTo, doubtedAt, refused, accepted, older, lost, feed] = row;
    bucket.set(sku, {
      units: units ?? undefined,
      unitsVersion: BigInt(unitsVersion),
      version: BigInt(version),
      uncertainUpTo: uncertainUpTo ?? undefined,
      doubtedAt: doubtedAt === null ? undefined : BigInt(doubtedAt),
      refused: refused === null ? undefined : { units: refused[0], reason: refused[1] },
      accepted: accepted ? readAccepted(accepted) : undefined,
      older: older ?? [],
      lost: lost ?? 0,
      feed: feed ? { at: feed[0], units: feed[1] } : undefined,
    });
  }
  return bucket;
}
