// What a page reads from the API: loads, keeps showing what it has while it asks again, and says what went wrong.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Refusal, read, refusalOf } from './call.ts';

export interface Reading<T> {
  /** The last answer, also after a later failure. */
  readonly data: T | undefined;
  readonly problem: Refusal | undefined;
  readonly isLoading: boolean;
  /** Asks again; resolves when it is answered. */
  reload(): Promise<void>;
}

/**
 * @param path undefined: nothing is read yet
 * @param everyMs asks again so often while the tab is visible; 0: once. Another pace begins with asking
 * @param changes asks again when it is another: something happened that the answer depends on
 */
export function useReading<T>(path: string | undefined, everyMs = 0, changes: unknown = undefined): Reading<T> {
  const [state, setState] = useState<Omit<Reading<T>, 'reload'> & { readonly of?: string | undefined }>({
    ...{ data: undefined, problem: undefined, isLoading: true },
  });
  const running = useRef<AbortController | undefined>(undefined);
  const reload = useCallback(async () => {
    if (path === undefined) return;
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    try {
      const data = await read<T>(path, { signal: abort.signal });
      if (!abort.signal.aborted) setState({ of: path, data, problem: undefined, isLoading: false });
    } catch (error) {
      if (abort.signal.aborted) return;
      const problem = refusalOf(error);
      setState(({ of, data }) => ({ of: path, data: of === path ? data : undefined, problem, isLoading: false }));
    }
  }, [path]);
  useEffect(() => {
    void reload();
    const timer = everyMs === 0 ? undefined : setInterval(() => document.hidden || void reload(), everyMs);
    return () => {
      clearInterval(timer);
      running.current?.abort();
    };
  }, [reload, everyMs]);
  const known = useRef(changes);
  useEffect(() => {
    if (known.current === changes) return;
    known.current = changes;
    void reload();
  }, [reload, changes]);
  // What was read for another path is not shown under this one.
  const isStale = state.of !== undefined && state.of !== path;
  return isStale ? { data: undefined, problem: undefined, isLoading: true, reload } : { ...state, reload };
}
