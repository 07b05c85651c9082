// What an error of the EventStoreDB client means to the port: nothing was written (Unavailable), or nobody knows
// (UnknownOutcome). Promise: an error that is not surely "never sent" or "refused" is an unknown outcome, plain Errors
// included, because a wrong "nothing was written" would make a caller give up an append that is in the log.
import {
  AccessDeniedError,
  DeadlineExceededError,
  InvalidArgumentError,
  InvalidTransactionError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  RequiredMetadataPropertyMissingError,
  StreamDeletedError,
} from '@eventstore/db-client';
import { Unavailable, UnknownOutcome } from '../../../domain/event-log.ts';

/** A call went past its own deadline. The client's is not enforced on reads, and on appends not while it discovers. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

// Texts of grpc-js 1.14 (picker, resolver, resolving call, internal channel) and of the client (discovery) for calls that
// never left this process, and of the server (RpcExceptions, "not handled") for calls it turned away before writing.
const NEVER_SENT = [
  'No connection established',
  'Name resolution failed',
  'waiting for name resolution',
  'Waiting for LB pick',
  'Channel closed before call started',
  'Channel has been shut down',
  'Failed to start HTTP/2 stream',
  'Stream refused by server',
  'Failed to discover after',
  'Server Is Not Ready',
  'Server Is Too Busy',
  'No leader info available',
] as const;
const OVERLOADED = ['Server Is Too Busy', 'ENHANCE_YOUR_CALM', 'Bandwidth exhausted'] as const;

const says = (error: Error, texts: readonly string[]) => texts.some((text) => error.message.includes(text));
const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

/** The server answered, and the answer was no. */
const REFUSALS = [
  AccessDeniedError,
  InvalidArgumentError,
  InvalidTransactionError,
  NotLeaderError,
  RequiredMetadataPropertyMissingError,
  StreamDeletedError,
];

export function isTimeout(error: unknown): boolean {
  return error instanceof DeadlinePassed || error instanceof DeadlineExceededError;
}

/** The port's error for a failed append; a wrong expected version is not one of these (see append.ts). */
export function appendFailure(thrown: unknown, stream: string): Unavailable | UnknownOutcome | RangeError {
  const error = asError(thrown);
  if (error instanceof Unavailable || error instanceof UnknownOutcome) return error;
  if (error instanceof MaxAppendSizeExceededError) {
    return new RangeError(`${stream}: EventStoreDB refuses appends over ${error.maxAppendSize} bytes`, {
      cause: error,
    });
  }
  const refused = REFUSALS.some((kind) => error instanceof kind);
  if (refused || says(error, NEVER_SENT)) return unavailable(error, `${stream}: not appended`);
  return new UnknownOutcome(`${stream}: EventStoreDB did not say whether the append was made: ${error.message}`, {
    cause: error,
  });
}

/** The port's error for a failed read or subscription: whatever it was, reading again later is right. */
export function readFailure(thrown: unknown, what: string): Unavailable {
  const error = asError(thrown);
  return error instanceof Unavailable ? error : unavailable(error, what);
}

function unavailable(error: Error, what: string): Unavailable {
  const reason = says(error, OVERLOADED) ? 'overloaded' : 'down';
  return new Unavailable(reason, `${what}: EventStoreDB: ${error.message}`, { cause: error });
}
