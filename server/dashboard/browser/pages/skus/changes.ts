// Says when something happens to a SKU: its events as they are appended. The page reads its figures again then, by the
// API's own reads, so there is one way in which a figure is made. Without `events:read` the page asks now and then.
import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { type Live, type LiveState, openLive } from '../../api/live.ts';
import { may } from '../../api/session.ts';

export interface SkuChanges {
  /** Undefined: this key may not follow events. */
  readonly live: ReadonlySignal<LiveState> | undefined;
  /** Grows with what happens, at most once in `PAUSE_MS`. */
  readonly changes: ReadonlySignal<number>;
  retry(): void;
}

/** Events of a flash sale are looked at together. */
const PAUSE_MS = 1_500;
/** The server shows that it lives every 15 s. */
const SILENCE_MS_MAX = 40_000;

export function useSkuChanges(sku: string): SkuChanges {
  const following = useMemo(() => follow(sku), [sku]);
  useEffect(following.open, [following]);
  return following;
}

function follow(sku: string): SkuChanges & { open(): (() => void) | undefined } {
  const live = signal<LiveState>({ state: 'connecting' });
  const changes = signal(0);
  const isAllowed = may('events:read');
  let stream: Live | undefined;
  return {
    live: isAllowed ? live : undefined,
    changes,
    retry: () => stream?.retry(),
    open() {
      if (!isAllowed) return undefined;
      let later: ReturnType<typeof setTimeout> | undefined;
      const changed = () => {
        later ??= setTimeout(() => {
          later = undefined;
          changes.value += 1;
        }, PAUSE_MS);
      };
      stream = openLive(`/v1/events?after=latest&sku=${encodeURIComponent(sku)}`, SILENCE_MS_MAX, changed);
      const unsubscribe = stream.state.subscribe((state) => {
        live.value = state;
      });
      return () => {
        clearTimeout(later);
        unsubscribe();
        stream?.close();
      };
    },
  };
}
