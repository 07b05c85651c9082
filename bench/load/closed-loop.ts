// Callers in this process that each call again when they are answered, counted in windows.
import type { Sizes } from '../part.ts';

/** Calls a second in each window. `call` must resolve only when its effect is durable. */
export async function closedLoop(
  sizes: Pick<Sizes, 'connections' | 'warmUpMs' | 'windowMs' | 'windows'>,
  call: () => Promise<void>,
): Promise<readonly number[]> {
  const { connections, warmUpMs, windowMs, windows } = sizes;
  const startAt = performance.now() + warmUpMs;
  const endAt = startAt + windows * windowMs;
  const counts = Array<number>(windows).fill(0);
  const caller = async () => {
    for (;;) {
      await call();
      const now = performance.now();
      if (now >= endAt) return;
      if (now >= startAt) counts[Math.floor((now - startAt) / windowMs)]! += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  return counts.map((count) => (count * 1_000) / windowMs);
}
