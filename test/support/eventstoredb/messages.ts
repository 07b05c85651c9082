// Protocol messages and gRPC errors of the scripted EventStoreDB, shaped as the real server shapes them
// (Streams.Append.cs, Streams.Read.cs and RpcExceptions.cs, March 2025).
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { ProposedEvent, StoredEvent } from './store.ts';

export interface Leader {
  readonly host: string;
  readonly port: number;
}

export const empty = () => new shared.Empty();
export const textOf = (name: Uint8Array | string) => Buffer.from(name as Uint8Array).toString('utf8');

export function serviceError(code: status, details: string, metadata: Record<string, string> = {}): ServiceError {
  const described = new Metadata();
  for (const [key, value] of Object.entries(metadata)) described.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata: described });
}

export const notLeader = ({ host, port }: Leader) =>
  serviceError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });
export const streamDeleted = (stream: string) =>
  serviceError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
export const appendTooLarge = (bytesMax: number) =>
  serviceError(status.INVALID_ARGUMENT, `Maximum Append Size of ${bytesMax} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(bytesMax),
  });
export const busy = () => serviceError(status.UNAVAILABLE, 'Server Is Too Busy');
export const notReady = () => serviceError(status.UNAVAILABLE, 'Server Is Not Ready');
export const noLeaderKnown = () => serviceError(status.UNKNOWN, 'No leader info available in response');
export const timedOut = () => serviceError(status.ABORTED, 'Operation timed out: Commit phase timeout.');

export function streamIdentifier(stream: string) {
  return new shared.StreamIdentifier().setStreamName(Uint8Array.from(Buffer.from(stream, 'utf8')));
}

export function proposed(
  message: Streams.AppendReq.ProposedMessage | Streams.BatchAppendReq.ProposedMessage,
): ProposedEvent {
  const metadata = message.getMetadataMap();
  return {
    id: message.getId()?.getString() ?? '',
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function eventMessage(event: StoredEvent): Streams.ReadResp {
  const position = event.position.toString();
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(streamIdentifier(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  recorded.getMetadataMap().set('type', event.type).set('content-type', event.contentType).set('created', '0');
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position);
  return new streams.ReadResp().setEvent(read);
}

export function streamNotFound(stream: string): Streams.ReadResp {
  const notFound = new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
  return new streams.ReadResp().setStreamNotFound(notFound);
}

export function confirmation(subscriptionId: string): Streams.ReadResp {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return new streams.ReadResp().setConfirmation(confirmed);
}

export function checkpoint(position: bigint): Streams.ReadResp {
  const at = position.toString();
  const reached = new streams.ReadResp.Checkpoint().setCommitPosition(at).setPreparePosition(at);
  return new streams.ReadResp().setCheckpoint(reached);
}

export const caughtUp = () => new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());
