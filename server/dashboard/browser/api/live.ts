// A live stream that stays: read by fetch, watched for silence, opened again with growing pauses and from where it was.
// Its state is a signal, so that the page can say at once that what it shows is not live.
import { type ReadonlySignal, signal } from '@preact/signals';
import { call, Refusal, refusalOf } from './call.ts';
import { createSseReader, type ServerSentEvent } from './sse.ts';

export type LiveState =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Broken; it is tried again at `retryAt` (ms since the epoch). */
  | { readonly state: 'broken'; readonly why: Refusal; readonly retryAt: number }
  /** Not tried again: the key may not, or there is nothing. */
  | { readonly state: 'refused'; readonly why: Refusal };

export interface Live {
  readonly state: ReadonlySignal<LiveState>;
  /** Does not wait for the next try. */
  retry(): void;
  close(): void;
}

const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 30_000;

/** Asking again would be answered the same. */
const FINAL = new Set([400, 401, 403, 404]);
const LOST = { reason: 'lost', title: 'The live connection was lost' };
const ENDED = { done: true, value: undefined } as const;

/** @param silenceMsMax the stream says something at least so often; one that is silent for longer hangs */
export function openLive(path: string, silenceMsMax: number, onEvent: (event: ServerSentEvent) => void): Live {
  const state = signal<LiveState>({ state: 'connecting' });
  const closing = new AbortController();
  let wake = () => {};
  let lastId: string | undefined;
  let failures = 0;

  /** @throws Refusal when it ends, as it always does */
  const once = async (): Promise<never> => {
    const silence = new AbortController();
    const signal = AbortSignal.any([closing.signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), silenceMsMax);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMsMax);
    };
    try {
      const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
      const response = await call(path, { accept: 'text/event-stream', headers, signal });
      const reader = createSseReader();
      const texts = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await texts.read().catch(() => ENDED);
        if (done) throw new Refusal(0, LOST);
        heard();
        failures = 0;
        if (state.value.state !== 'live') state.value = { state: 'live' };
        for (const event of reader.push(value)) onEvent(event);
        lastId = reader.lastId ?? lastId;
      }
    } finally {
      clearTimeout(timer);
    }
  };

  const run = async () => {
    while (!closing.signal.aborted) {
      const why = await once().catch(refusalOf);
      if (closing.signal.aborted) return;
      if (FINAL.has(why.status)) {
        state.value = { state: 'refused', why };
        return;
      }
      const pauseMs = why.retryAfterMs ?? Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** failures) * (0.5 + Math.random());
      failures += 1;
      state.value = { state: 'broken', why, retryAt: Date.now() + pauseMs };
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  void run();
  return {
    state,
    retry: () => wake(),
    close() {
      closing.abort();
      wake();
    },
  };
}
