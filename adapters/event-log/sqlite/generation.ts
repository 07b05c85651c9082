// The events of one generation of the stream index while it is in memory: flat columns and, per stream, a chain back
// from its last event, so that hundreds of thousands of waiting events are a few objects for the garbage collector.
import { hashStream, type TaggedSegment } from './index-row.ts';

/** Streams put into their buckets in one turn. */
const STREAMS_PER_SLICE = 2_000;

export interface Generation {
  readonly events: number;
  add(stream: string, revision: number, place: number): void;
  lastRevision(stream: string): number | undefined;
  /** Places of the revisions `from`…`to` of a stream that are in this generation, in order. */
  places(stream: string, from: number, to: number): number[];
  /** Puts a slice of the streams into buckets; false when all are. */
  sort(buckets: number): boolean;
  /** What a row of the index holds, once all streams are sorted. */
  inBucket(bucket: number): readonly TaggedSegment[];
}

export function createGeneration(expectedEvents: number): Generation {
  const last = new Map<string, number>();
  let capacity = Math.max(16, expectedEvents);
  let places = new Float64Array(capacity);
  let revisions = new Int32Array(capacity);
  let previous = new Int32Array(capacity);
  let events = 0;
  let unsorted: MapIterator<string> | undefined;
  let sorted: { readonly stream: string; readonly tag: number }[][] = [];

  const grow = () => {
    capacity *= 2;
    const old = { places, revisions, previous };
    places = new Float64Array(capacity);
    revisions = new Int32Array(capacity);
    previous = new Int32Array(capacity);
    places.set(old.places);
    revisions.set(old.revisions);
    previous.set(old.previous);
  };

  const segmentOf = (stream: string) => {
    const chain: number[] = [];
    let at = last.get(stream)!;
    for (; previous[at]! >= 0; at = previous[at]!) chain.push(places[at]!);
    chain.push(places[at]!);
    return { revision: revisions[at]!, places: chain.reverse() };
  };

  return {
    get events() {
      return events;
    },
    add(stream, revision, place) {
      if (events === capacity) grow();
      places[events] = place;
      revisions[events] = revision;
      previous[events] = last.get(stream) ?? -1;
      last.set(stream, events);
      events += 1;
    },
    lastRevision(stream) {
      const at = last.get(stream);
      return at === undefined ? undefined : revisions[at];
    },
    places(stream, from, to) {
      const found: number[] = [];
      for (let at = last.get(stream) ?? -1; at >= 0 && revisions[at]! >= from; at = previous[at]!) {
        if (revisions[at]! <= to) found.push(places[at]!);
      }
      return found.reverse();
    },
    sort(buckets) {
      if (unsorted === undefined) {
        unsorted = last.keys();
        sorted = Array.from({ length: buckets }, () => []);
      }
      for (let n = 0; n < STREAMS_PER_SLICE; n++) {
        const { done, value } = unsorted.next();
        if (done) return false;
        const { bucket, tag } = hashStream(value);
        sorted[bucket % buckets]!.push({ stream: value, tag });
      }
      return true;
    },
    inBucket: (bucket) => sorted[bucket]!.map(({ stream, tag }) => ({ tag, ...segmentOf(stream) })),
  };
}
