// Appends of the scripted EventStoreDB: the unary call, and the batch stream that shares one call among all appends.
// Both ask the same store and meet the same faults.
import { setTimeout as delay } from 'node:timers/promises';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream, ServerReadableStream, ServiceError, sendUnaryData } from '@grpc/grpc-js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Script } from './faults.ts';
import * as messages from './messages.ts';
import { ANY, type AppendOutcome, type Expected, type ProposedEvent, STREAM_EXISTS, type Store } from './store.ts';
import type { Wire } from './wire.ts';

export interface Node {
  readonly index: number;
  readonly wire: Wire;
  readonly store: Store;
  readonly script: Script;
  readonly endpoint: (node: number) => messages.Leader;
}

const APPEND_BYTES_MAX = 1_048_576;
type Answer = AppendOutcome | { readonly kind: 'error'; readonly error: ServiceError } | { readonly kind: 'silence' };

/** Checks, faults and the append itself. `noPosition` is the fault of that name. */
async function answer(
  node: Node,
  stream: string,
  expected: Expected,
  events: readonly ProposedEvent[],
): Promise<{ readonly answer: Answer; readonly noPosition: boolean }> {
  const { script, store, wire } = node;
  const refused = (error: ServiceError) => ({ answer: { kind: 'error', error } as const, noPosition: false });
  const silence = { answer: { kind: 'silence' } as const, noPosition: false };
  const bytes = events.reduce((sum, e) => sum + e.data.length + e.metadata.length + 2 * e.type.length, 0);
  if (bytes > APPEND_BYTES_MAX) return refused(messages.appendTooLarge(APPEND_BYTES_MAX));
  const fault = script.takeAppendFault();
  if (script.appendDelayMs() > 0) await delay(script.appendDelayMs());
  if (fault === 'busy') return refused(messages.busy());
  if (fault === 'not-ready') return refused(messages.notReady());
  if (fault === 'no-leader-known') return refused(messages.noLeaderKnown());
  if (fault === 'silent-before-commit') return silence;
  if (fault === 'reset-before-commit') {
    wire.reset();
    return silence;
  }
  if (fault === 'wrong-version') {
    const current = (store.stream(stream)?.length ?? 0) - 1;
    return { answer: { kind: 'wrong-version', current }, noPosition: false };
  }
  const outcome = store.append(stream, expected, events);
  if (fault === 'reset-after-commit') wire.reset();
  if (fault === 'reset-after-commit' || fault === 'silent-after-commit') return silence;
  if (fault === 'server-timeout') return refused(messages.timedOut());
  return { answer: outcome, noPosition: fault === 'no-position' };
}

export function unaryAppend(node: Node) {
  return async (
    call: ServerReadableStream<Streams.AppendReq, Streams.AppendResp>,
    reply: sendUnaryData<Streams.AppendResp>,
  ): Promise<void> => {
    if (leadsNot(node, call.metadata.get('requires-leader'))) {
      return reply(messages.notLeader(node.endpoint(node.script.leader())));
    }
    const events: ProposedEvent[] = [];
    let options: Streams.AppendReq.Options | undefined;
    try {
      for await (const message of call as AsyncIterable<Streams.AppendReq>) {
        options ??= message.getOptions();
        const event = message.getProposedMessage();
        if (event !== undefined) events.push(messages.proposed(event));
      }
    } catch {
      return; // the caller hung up
    }
    if (options === undefined) return;
    const stream = messages.textOf(options.getStreamIdentifier()!.getStreamName_asU8());
    const expected = options.hasRevision() ? Number(options.getRevision()) : unstated(options);
    const { answer: answered, noPosition } = await answer(node, stream, expected, events);
    if (answered.kind === 'silence') return;
    if (answered.kind === 'error') return reply(answered.error);
    if (answered.kind === 'deleted') return reply(messages.streamDeleted(stream));
    reply(null, appendResponse(answered, expected, noPosition));
  };
}

type Unstated = { hasNoStream(): boolean; hasStreamExists(): boolean };
const unstated = (options: Unstated): Expected => {
  if (options.hasNoStream()) return -1;
  return options.hasStreamExists() ? STREAM_EXISTS : ANY;
};

export const leadsNot = (node: Node, required: readonly unknown[]) =>
  required.includes('true') && node.script.leader() !== node.index;

function appendResponse(
  outcome: Exclude<AppendOutcome, { kind: 'deleted' }>,
  expected: Expected,
  noPosition: boolean,
): Streams.AppendResp {
  const response = new streams.AppendResp();
  if (outcome.kind === 'success') {
    const success = new streams.AppendResp.Success().setCurrentRevision(String(outcome.last.revision));
    const at = outcome.last.position.toString();
    const position = new streams.AppendResp.Position().setCommitPosition(at).setPreparePosition(at);
    return response.setSuccess(noPosition ? success.setNoPosition(messages.empty()) : success.setPosition(position));
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (typeof expected === 'string') wrong.setExpectedAny(messages.empty());
  else if (expected < 0) wrong.setExpectedNoStream(messages.empty());
  else wrong.setExpectedRevision(String(expected));
  if (outcome.current < 0) wrong.setCurrentNoStream(messages.empty());
  else wrong.setCurrentRevision(String(outcome.current));
  return response.setWrongExpectedVersion(wrong);
}

export function batchAppend(node: Node) {
  return (call: ServerDuplexStream<Streams.BatchAppendReq, Streams.BatchAppendResp>): void => {
    const pending = new Map<string, { options: Streams.BatchAppendReq.Options; events: ProposedEvent[] }>();
    const live = { end: () => call.end() };
    node.script.batchStreams.add(live);
    call.on('close', () => node.script.batchStreams.delete(live));
    call.on('error', () => node.script.batchStreams.delete(live));
    call.on('end', () => call.end());
    call.on('data', (request: Streams.BatchAppendReq) => {
      const id = request.getCorrelationId()!;
      const key = id.getString();
      const options = request.getOptions() ?? pending.get(key)?.options;
      if (options === undefined) return;
      const append = pending.get(key) ?? { options, events: [] };
      append.events.push(...request.getProposedMessagesList().map(messages.proposed));
      pending.set(key, append);
      if (!request.getIsFinal()) return;
      pending.delete(key);
      const stream = messages.textOf(options.getStreamIdentifier()!.getStreamName_asU8());
      const expected = options.hasStreamPosition() ? Number(options.getStreamPosition()) : unstated(options);
      void answer(node, stream, expected, append.events).then(({ answer: answered, noPosition }) => {
        if (answered.kind === 'silence') return;
        const response = batchResponse(answered, expected, noPosition);
        call.write(response.setCorrelationId(id).setStreamIdentifier(messages.streamIdentifier(stream)));
      });
    });
  };
}

function batchResponse(
  answered: Exclude<Answer, { kind: 'silence' }>,
  expected: Expected,
  noPosition: boolean,
): Streams.BatchAppendResp {
  const response = new streams.BatchAppendResp();
  if (answered.kind === 'success') {
    const at = answered.last.position.toString();
    const position = new shared.AllStreamPosition().setCommitPosition(at).setPreparePosition(at);
    const success = new streams.BatchAppendResp.Success().setCurrentRevision(String(answered.last.revision));
    return response.setSuccess(noPosition ? success.setNoPosition(new emptyPb.Empty()) : success.setPosition(position));
  }
  const details = new anyPb.Any();
  if (answered.kind === 'wrong-version') {
    const wrong = new shared.WrongExpectedVersion();
    if (typeof expected === 'number' && expected >= 0) wrong.setExpectedStreamPosition(String(expected));
    if (answered.current >= 0) wrong.setCurrentStreamRevision(String(answered.current));
    details.pack(wrong.serializeBinary(), 'event_store.client.WrongExpectedVersion');
  } else if (answered.kind === 'deleted') {
    details.pack(new shared.StreamDeleted().serializeBinary(), 'event_store.client.StreamDeleted');
  } else {
    details.pack(new shared.Unknown().serializeBinary(), 'event_store.client.Unknown');
  }
  const message = answered.kind === 'error' ? answered.error.details : answered.kind;
  return response.setError(new statusPb.Status().setMessage(message).setDetails(details));
}
