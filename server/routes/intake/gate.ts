// How many of something may be open at once, in all and for one client. What does not fit is refused, never queued.
import { HttpProblem } from '../../problems.ts';

export interface Gate {
  /** Takes a place; the answer gives it back (once, however often it is called). @throws HttpProblem `too-many-open` */
  enter(client: string): () => void;
  open(): number;
}

export function createGate(what: string, totalMax: number, perClientMax: number): Gate {
  const byClient = new Map<string, number>();
  let total = 0;
  return {
    open: () => total,
    enter(client) {
      const own = byClient.get(client) ?? 0;
      if (total >= totalMax || own >= perClientMax) {
        const limit = own >= perClientMax ? `${perClientMax} for one client` : `${totalMax} in all`;
        throw new HttpProblem('too-many-open', `No more than ${limit} ${what} at once`, { retryAfterMs: 1_000 });
      }
      total += 1;
      byClient.set(client, own + 1);
      let isInside = true;
      return () => {
        if (!isInside) return;
        isInside = false;
        total -= 1;
        const left = (byClient.get(client) ?? 1) - 1;
        if (left === 0) byClient.delete(client);
        else byClient.set(client, left);
      };
    },
  };
}
