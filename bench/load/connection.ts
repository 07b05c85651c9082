// One keep-alive HTTP/1.1 connection that sends its next request when the last is answered (no pipelining), and
// reads answers with as little work as they allow: the status, the length, nothing else.
import { connect, type Socket } from 'node:net';
import type { RequestBuffer } from './request.ts';

const READ_BUFFER_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
/** Of an answer that comes in parts, for a look at it. */
const KEPT_BYTES = 1_024;
const LAST_CHUNK = '0\r\n\r\n';

export interface ConnectionEvents {
  /**
   * An answer is complete. `isWhole`: it names no reason, as every line that was not accepted does. `text` answers its
   * first part, or the part with the reason, for a look at it. Return false to stop sending.
   */
  answered(status: number, isWhole: boolean, startedAtMs: number, text: () => string): boolean;
  ended(error: Error | undefined): void;
}

interface Reading {
  status: number;
  /** Bytes of the body still to come; -1 before the head is read, -2 for a chunked body. */
  left: number;
  /** What has come of an incomplete head; then the first bytes of an answer that comes in parts. */
  head: Buffer;
  /** Its last five characters so far, when it is chunked. */
  tail: string;
  /** The part that names a reason. */
  reason: Buffer | undefined;
}
const NOTHING: Readonly<Reading> = { status: 0, left: -1, head: Buffer.alloc(0), tail: '', reason: undefined };
const REASON = Buffer.from('"reason":');

export function openConnection(port: number, request: RequestBuffer, events: ConnectionEvents): Socket {
  const reading: Reading = { ...NOTHING };
  let startedAt = 0;
  let hasEnded = false;
  const end = (error: Error | undefined) => {
    if (hasEnded) return;
    hasEnded = true;
    socket.destroy();
    events.ended(error);
  };
  const send = () => {
    request.renew();
    startedAt = performance.now();
    socket.write(request.bytes);
  };
  const socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES),
      callback: (length, buffer) => {
        const part = (buffer as Buffer).subarray(0, length);
        if (!read(reading, part)) return true;
        const { status, head, reason } = reading;
        Object.assign(reading, NOTHING);
        const text = () => (reason ?? (head.length > 0 ? head : part)).toString('latin1').slice(0, KEPT_BYTES);
        if (events.answered(status, reason === undefined, startedAt, text)) send();
        else end(undefined);
        return true;
      },
    },
  });
  socket.on('connect', send);
  socket.on('error', end);
  socket.on('close', () => end(new Error('the server closed the connection')));
  return socket;
}

/** Takes one part of an answer; true when the answer is complete. */
function read(reading: Reading, part: Buffer): boolean {
  if (reading.reason === undefined && part.includes(REASON)) reading.reason = Buffer.from(part);
  if (reading.left === -1) return readHead(reading, part);
  if (reading.left === -2) return readChunks(reading, part);
  reading.left -= part.length;
  return reading.left <= 0;
}

function readChunks(reading: Reading, part: Buffer): boolean {
  reading.tail = (reading.tail + part.toString('latin1', Math.max(0, part.length - 5))).slice(-5);
  return reading.tail === LAST_CHUNK;
}

function readHead(reading: Reading, part: Buffer): boolean {
  const bytes = reading.head.length === 0 ? part : Buffer.concat([reading.head, part]);
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) {
    // The socket's buffer is used again for the next part.
    reading.head = Buffer.from(bytes);
    return false;
  }
  reading.status = (bytes[9]! - 48) * 100 + (bytes[10]! - 48) * 10 + bytes[11]! - 48;
  const length = /\r\ncontent-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1];
  const have = bytes.length - end - HEAD_END.length;
  reading.left = length === undefined ? -2 : Number(length) - have;
  const isComplete = length === undefined ? readChunks(reading, bytes) : reading.left <= 0;
  if (!isComplete) reading.head = Buffer.from(bytes.subarray(0, KEPT_BYTES));
  return isComplete;
}
