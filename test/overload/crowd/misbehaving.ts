// Clients that do not do as clients should: they hang up in the middle of a request, follow what they never read, or send
// a batch and do not take its answer. Whatever they hold must come back to the server.
import { connect, type Socket } from 'node:net';
import { createPool } from './pool.ts';
import type { Tally } from './tally.ts';
import type { Sender, Wishes } from './wishes.ts';

export interface Misbehaving {
  stop(): void;
}

/** Half of them send half of a request, the others all of it, and nobody waits for the answer. */
export function quitters(port: number, wishes: Wishes, perSecond: number, tally: Tally): Misbehaving {
  const pool = createPool({ port, connectionsMax: 64, patienceMs: 10_000, tally });
  const timer = setInterval(() => {
    const { text, numbers } = wishes.wish();
    tally.offered(numbers.length);
    for (const number of numbers) wishes.journal.note(number, 'unknown');
    pool.abandon(numbers[0]! % 2 === 0 ? text : text.slice(0, -40));
  }, 1_000 / perSecond);
  return {
    stop() {
      clearInterval(timer);
      pool.close();
    },
  };
}

const REOPEN_MS = 1_000;

/**
 * Opens a path again whenever it ends, and takes `bytesPerSecond` of what comes; 0: nothing at all, ever.
 * `request` is asked for each time.
 */
export function slowReader(port: number, bytesPerSecond: number, tally: Tally, request: () => string): Misbehaving {
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const open = () => {
    if (isOver) return;
    const opened = connect({ host: '127.0.0.1', port });
    socket = opened;
    tally.connection(1);
    opened.on('error', () => {});
    opened.once('connect', () => opened.write(request(), 'latin1'));
    opened.once('close', () => {
      clearInterval(timer);
      tally.connection(-1);
      timer = setTimeout(open, REOPEN_MS);
    });
    opened.pause();
    if (bytesPerSecond > 0)
      timer = setInterval(() => {
        if (opened.read(bytesPerSecond) === null) opened.read();
        if (opened.readableEnded || opened.destroyed) opened.destroy();
      }, 1_000);
  };
  open();
  return {
    stop() {
      isOver = true;
      clearInterval(timer);
      socket?.destroy();
    },
  };
}

export function follow({ port, key }: Sender, path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${key}\r\naccept: text/event-stream\r\n\r\n`;
}

/** Batches whose answers nobody reads. */
export function batchNobodyReads(wishes: Wishes): () => string {
  return () => {
    const { text, numbers } = wishes.wish();
    for (const number of numbers) wishes.journal.note(number, 'unknown');
    return text;
  };
}
