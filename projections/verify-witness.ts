// Names what was altered: compares what was sealed with what is there, stream by stream, and then the order across streams.
// In three steps, so that memory follows the streams and not the events: sums of every stream, the events of those
// whose sums differ, the order of the rest.
import { plural } from '../domain/plural.ts';

export interface Altered {
  /** Undefined: the order across streams. */
  readonly stream?: string;
  /** The first that is not what was sealed. */
  readonly revision?: number;
  readonly what: string;
}

/** Streams that are told one by one. */
const TOLD_MAX = 100;

type Leaf = readonly [stream: string, revision: number, hash: string];
type Leaves = () => AsyncIterable<string>;

interface Sum {
  /** Sealed minus there. */
  count: number;
  hashes: number;
}

/** Leaves sealed, and leaves there up to the last that was sealed; both in log order. */
export async function alteredStreams(sealed: Leaves, there: Leaves): Promise<readonly Altered[]> {
  const sums = new Map<string, Sum>();
  await addTo(sums, sealed, 1);
  await addTo(sums, there, -1);
  const differ = new Set<string>();
  for (const [stream, { count, hashes }] of sums) if (count !== 0 || hashes !== 0) differ.add(stream);
  sums.clear();
  if (differ.size > 0) {
    const told = new Set([...differ].slice(0, TOLD_MAX));
    const [before, now] = [await hashesOf(told, sealed), await hashesOf(told, there)];
    const altered = [...told].map((stream) => alteredStream(stream, before.get(stream) ?? [], now.get(stream) ?? []));
    if (differ.size > told.size) altered.push({ what: `${differ.size - told.size} more streams were altered` });
    return altered;
  }
  return [await alteredOrder(sealed, there)];
}

/** 48 bits of each hash, added up: for finding where to look, never for deciding whether something was altered. */
async function addTo(sums: Map<string, Sum>, leaves: Leaves, sign: 1 | -1): Promise<void> {
  for await (const line of leaves()) {
    const [stream, , hash] = JSON.parse(line) as Leaf;
    const sum = sums.get(stream) ?? { count: 0, hashes: 0 };
    sum.count += sign;
    sum.hashes = (sum.hashes + sign * Buffer.from(hash, 'base64url').readUIntBE(0, 6)) % 2 ** 52;
    sums.set(stream, sum);
  }
}

async function hashesOf(streams: ReadonlySet<string>, leaves: Leaves): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const line of leaves()) {
    const [stream, , hash] = JSON.parse(line) as Leaf;
    if (!streams.has(stream)) continue;
    const hashes = found.get(stream);
    if (hashes === undefined) found.set(stream, [hash]);
    else hashes.push(hash);
  }
  return found;
}

function alteredStream(stream: string, sealed: readonly string[], there: readonly string[]): Altered {
  const n = (count: number) => plural(count, 'event');
  if (there.length === 0)
    return { stream, what: `the whole stream was removed: ${n(sealed.length)} sealed, none there` };
  if (sealed.length === 0)
    return { stream, revision: 0, what: `the whole stream was inserted: ${n(there.length)}, none of them sealed` };
  let first = 0;
  while (first < sealed.length && first < there.length && sealed[first] === there[first]) first += 1;
  const counts = `${n(sealed.length)} sealed, ${there.length} there`;
  if (there.length < sealed.length) {
    const where = first === there.length ? 'at its end' : 'there or later';
    return { stream, revision: first, what: `${n(sealed.length - there.length)} removed, ${where}: ${counts}` };
  }
  if (there.length > sealed.length) {
    const where = first === sealed.length ? 'at its end' : 'there or later';
    return { stream, revision: first, what: `${n(there.length - sealed.length)} inserted, ${where}: ${counts}` };
  }
  const after = sealed.slice(first + 1).filter((hash, at) => hash !== there[first + 1 + at]).length;
  return { stream, revision: first, what: after === 0 ? 'changed' : `changed, and ${n(after)} after it` };
}

async function alteredOrder(sealed: Leaves, there: Leaves): Promise<Altered> {
  const now = there()[Symbol.asyncIterator]();
  let place = 0;
  for await (const line of sealed()) {
    const { value } = await now.next();
    if (value !== line) {
      const [[stream, revision], other] = [
        JSON.parse(line) as Leaf,
        value === undefined ? undefined : (JSON.parse(value) as Leaf),
      ];
      await now.return?.();
      const found = other === undefined ? 'nothing' : `${other[0]}@${other[1]}`;
      return {
        what: `reordered: event ${place} of the log was ${stream}@${revision} when it was sealed, and is ${found} now`,
      };
    }
    place += 1;
  }
  await now.return?.();
  return { what: 'the events are what was sealed, and their positions are not' };
}
