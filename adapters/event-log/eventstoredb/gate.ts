// Lets a bounded number of appends be under way. Promise: an append that does not get its turn within the deadline was never
// sent, so it is Unavailable (overloaded) and not unknown; reads and subscriptions on the same connection keep room, since a server
// takes 100 calls at a time on one (the default of Kestrel, which EventStoreDB runs on).
import { Unavailable } from '../../../domain/event-log.ts';

export const APPENDS_IN_FLIGHT_MAX = 64;
export const APPENDS_WAITING_MAX = 10_000;

export interface Gate {
  /** @throws Unavailable overloaded: `call` was not made */
  pass<T>(call: () => Promise<T>): Promise<T>;
}

export function createGate(waitMsMax: number): Gate {
  // A Set keeps the order of arrival and lets one that gives up leave from the middle.
  const waiting = new Set<() => void>();
  let inFlight = 0;

  const turn = (): Promise<void> => {
    if (inFlight < APPENDS_IN_FLIGHT_MAX) {
      inFlight += 1;
      return Promise.resolve();
    }
    if (waiting.size >= APPENDS_WAITING_MAX) {
      return Promise.reject(new Unavailable('overloaded', `${waiting.size} appends are waiting for EventStoreDB`));
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(enter);
        reject(new Unavailable('overloaded', `an append waited ${waitMsMax} ms for its turn at EventStoreDB`));
      }, waitMsMax);
      waiting.add(enter);
    });
  };

  /** The place goes to the one that waits longest; `inFlight` stays as it is then. */
  const leave = () => {
    const next = waiting.values().next().value;
    if (next === undefined) {
      inFlight -= 1;
      return;
    }
    waiting.delete(next);
    next();
  };

  return {
    async pass(call) {
      await turn();
      try {
        return await call();
      } finally {
        leave();
      }
    },
  };
}
