// What one turn of the event loop appends: encoded events in frames, the heads they lead to, and who waits.
// It is decided against while it is not yet durable, and dropped whole when its commit fails.
import type { NewEvent, RecordedEvent } from '../../../domain/event-log.ts';
import { FRAME_CHARS_MAX, FRAME_EVENTS_FULL, type Frame, placeOf, sealFrame } from './frame.ts';

export interface Turn {
  readonly firstPosition: number;
  readonly events: readonly RecordedEvent[];
  /** Place and encoded length of each event. */
  readonly places: readonly number[];
  readonly lengths: readonly number[];
  /** Last revision of each stream appended to in this turn. */
  readonly heads: ReadonlyMap<string, number>;
  readonly chars: number;
  /** Takes events whose JSON is `texts`, after revision `expected` of the stream. */
  add(stream: string, expected: number, events: readonly NewEvent[], texts: readonly string[]): void;
  /** The frames to write. Call once, at the end. */
  seal(): readonly Frame[];
}

export function beginTurn(firstPosition: number): Turn {
  const events: RecordedEvent[] = [];
  const places: number[] = [];
  const lengths: number[] = [];
  const heads = new Map<string, number>();
  const full: Frame[] = [];
  let texts: string[] = [];
  let frameStart = firstPosition;
  let frameChars = 0;
  let chars = 0;

  const closeFrame = () => {
    if (texts.length === 0) return;
    full.push(sealFrame(frameStart, texts));
    frameStart += texts.length;
    texts = [];
    frameChars = 0;
  };

  return {
    firstPosition,
    events,
    places,
    lengths,
    heads,
    get chars() {
      return chars;
    },
    add(stream, expected, added, addedTexts) {
      for (let n = 0; n < added.length; n++) {
        const { id, type, data, metadata } = added[n]!;
        const text = addedTexts[n]!;
        if (texts.length === FRAME_EVENTS_FULL || frameChars + text.length > FRAME_CHARS_MAX) closeFrame();
        const position = BigInt(firstPosition + events.length);
        places.push(placeOf(frameStart, texts.length));
        lengths.push(text.length);
        events.push({ id, type, data, metadata, stream, revision: expected + 1 + n, position });
        texts.push(text);
        frameChars += text.length;
        chars += text.length;
      }
      heads.set(stream, expected + added.length);
    },
    seal() {
      closeFrame();
      return full;
    },
  };
}
