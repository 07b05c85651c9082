// One keep-alive HTTP/1.1 connection for one request at a time, with as little work as answers allow: thousands of clients
// must fit on one core, or the crowd would be what is slow. A client that has waited too long hangs up.
import { connect } from 'node:net';

export interface Reply {
  readonly status: number;
  /** As it stands in the header; undefined: there is none. */
  readonly retryAfter: string | undefined;
  /** Latin-1. */
  readonly body: string;
  /** Until the last byte of the answer, from when the request was written. */
  readonly tookMs: number;
}

/** Why there was no answer. */
export type Silence = 'refused connection' | 'closed' | 'too slow';

export interface Connection {
  /** One at a time. `done` is called once. */
  ask(request: string, done: (reply: Reply | Silence) => void): void;
  /** Writes, and goes away without reading. */
  abandon(request: string): void;
  readonly isOpen: boolean;
  close(): void;
}

const HEAD_END = '\r\n\r\n';

/** @param patienceMs how long an answer is waited for */
export function openConnection(port: number, patienceMs: number): Connection {
  let waiting: ((reply: Reply | Silence) => void) | undefined;
  let startedAt = 0;
  let received = '';
  let answer: Head | undefined;
  let isConnected = false;
  let isOpen = true;
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.setEncoding('latin1');
  const patience = setTimeout(() => end('too slow'), patienceMs);

  const end = (silence: Silence) => {
    if (!isOpen) return;
    isOpen = false;
    clearTimeout(patience);
    socket.destroy();
    const done = waiting;
    waiting = undefined;
    done?.(silence);
  };
  socket.on('connect', () => {
    isConnected = true;
  });
  socket.on('error', () => end(isConnected ? 'closed' : 'refused connection'));
  socket.on('close', () => end(isConnected ? 'closed' : 'refused connection'));
  socket.on('data', (text: string) => {
    if (waiting === undefined) return;
    received += text;
    answer ??= headOf(received);
    const body = answer && bodyOf(received, answer);
    if (answer === undefined || body === undefined) return;
    const { status, retryAfter, closes } = answer;
    const done = waiting;
    waiting = undefined;
    received = '';
    answer = undefined;
    if (closes) end('closed');
    done({ status, retryAfter, body, tookMs: performance.now() - startedAt });
  });
  return {
    ask(request, done) {
      waiting = done;
      startedAt = performance.now();
      patience.refresh();
      socket.write(request, 'latin1');
    },
    abandon(request) {
      socket.write(request, 'latin1', () => end('closed'));
    },
    get isOpen() {
      return isOpen;
    },
    close: () => end('closed'),
  };
}

interface Head {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly closes: boolean;
  /** Where the body begins. */
  at: number;
  /** Undefined: it comes in chunks. */
  readonly length: number | undefined;
  /** Of the chunks read so far. */
  chunks: string;
}

function headOf(text: string): Head | undefined {
  const end = text.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return {
    status: Number(text.slice(9, 12)),
    retryAfter: /\r\nretry-after: *([^\r\n]+)/i.exec(head)?.[1],
    closes: /\r\nconnection: *close/i.test(head),
    at: end + HEAD_END.length,
    length: length === undefined ? undefined : Number(length),
    chunks: '',
  };
}

/** Undefined until it is whole. */
function bodyOf(text: string, head: Head): string | undefined {
  const { length } = head;
  if (length !== undefined) return text.length - head.at >= length ? text.slice(head.at, head.at + length) : undefined;
  for (;;) {
    const end = text.indexOf('\r\n', head.at);
    if (end < 0) return undefined;
    const size = Number.parseInt(text.slice(head.at, end), 16);
    if (text.length < end + 2 + size + 2) return undefined;
    head.chunks += text.slice(end + 2, end + 2 + size);
    head.at = end + 2 + size + 2;
    if (size === 0) return head.chunks;
  }
}
