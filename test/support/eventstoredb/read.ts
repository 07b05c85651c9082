// Reads and subscriptions of the scripted EventStoreDB. As on the real server a read includes the position it starts from and a
// subscription starts after it; `$all` has system events in it; a subscription may filter them out and gets checkpoints.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import { leadsNot, type Node } from './append.ts';
import type { Script } from './faults.ts';
import * as messages from './messages.ts';
import type { StoredEvent } from './store.ts';

type Call = ServerWritableStream<Streams.ReadReq, Streams.ReadResp>;
type Options = Streams.ReadReq.Options;
type Allowed = (event: StoredEvent) => boolean;

const WINDOW_DEFAULT = 32;

export function read(node: Node) {
  return (call: Call): void => {
    if (leadsNot(node, call.metadata.get('requires-leader'))) {
      call.emit('error', messages.notLeader(node.endpoint(node.script.leader())));
      return;
    }
    const options = call.request.getOptions()!;
    const work = options.hasSubscription() ? follow(node, call, options) : page(node, call, options);
    work.catch((error: unknown) => call.emit('error', error));
  };
}

async function page({ store, script }: Node, call: Call, options: Options): Promise<void> {
  const backwards = Number(options.getReadDirection()) === 1;
  const stream = options.getStream();
  let found: readonly StoredEvent[];
  if (stream === undefined) {
    const { from, to } = allBounds(options.getAll()!, backwards);
    found = store.all.filter(({ position }) => position >= from && position <= to);
  } else {
    const name = messages.textOf(stream.getStreamIdentifier()!.getStreamName_asU8());
    const events = store.stream(name);
    if (events === undefined) {
      call.write(messages.streamNotFound(name));
      call.end();
      return;
    }
    const at = stream.hasRevision() ? Number(stream.getRevision()) : 0;
    found = backwards ? events : events.slice(at);
  }
  const ordered = backwards ? found.toReversed() : found;
  const count = Math.min(Number(options.getCount()), ordered.length);
  for (let n = 0; n < count && !call.cancelled; n++) await deliver(script, call, ordered[n]!);
  call.end();
}

function allBounds(all: Streams.ReadReq.Options.AllOptions, backwards: boolean): { from: bigint; to: bigint } {
  const given = all.getPosition();
  const edge = given === undefined ? undefined : BigInt(given.getCommitPosition());
  if (backwards) return { from: 0n, to: edge ?? 2n ** 63n };
  return { from: edge ?? (all.hasEnd() ? 2n ** 63n : 0n), to: 2n ** 63n };
}

async function follow({ store, script }: Node, call: Call, options: Options): Promise<void> {
  const stream = options.getStream();
  const name = stream === undefined ? undefined : messages.textOf(stream.getStreamIdentifier()!.getStreamName_asU8());
  const allowed = filterOf(options);
  const filter = options.getFilter();
  const window = filter?.hasMax() === true ? filter.getMax() : WINDOW_DEFAULT;
  const interval = window * (filter?.getCheckpointintervalmultiplier() ?? 0);
  const wanted = (event: StoredEvent) => allowed(event) && (name === undefined || event.stream === name);

  let mode: 'live' | 'stalled' | 'over' = 'live';
  const over = Promise.withResolvers<void>();
  const finish = (act: () => void) => {
    if (mode === 'over') return;
    mode = 'over';
    over.resolve();
    act();
  };
  const subscription = {
    stall: () => {
      mode = 'stalled';
    },
    drop: () => finish(() => call.emit('error', messages.serviceError(status.UNAVAILABLE, 'subscription dropped'))),
    end: () => finish(() => call.end()),
    again: (events: number) => {
      for (const event of store.all.filter(wanted).slice(-events)) call.write(messages.eventMessage(event));
    },
  };
  script.subscriptions.add(subscription);
  call.on('cancelled', () => finish(() => undefined));
  call.on('close', () => finish(() => undefined));

  call.write(messages.confirmation(randomUUID()));
  let next = startOf(store.all, options, name);
  let told = false;
  const running = () => mode === 'live';
  try {
    while (running()) {
      const woken = store.appended();
      for (; next < store.all.length && running(); next++) {
        const event = store.all[next]!;
        if (wanted(event)) await deliver(script, call, event);
        else if (interval > 0 && next % interval === 0) call.write(messages.checkpoint(event.position));
      }
      if (!told && running()) call.write(messages.caughtUp());
      told = true;
      await Promise.race([woken, over.promise]);
    }
    await over.promise; // stalled: alive, and silent
  } finally {
    script.subscriptions.delete(subscription);
  }
}

/** The index of the first event after the position (or the revision) the subscriber has. */
function startOf(all: readonly StoredEvent[], options: Options, stream: string | undefined): number {
  const first = (found: number) => (found < 0 ? all.length : found);
  const position = options.getAll()?.getPosition();
  if (position !== undefined) {
    const after = BigInt(position.getCommitPosition());
    return first(all.findIndex((event) => event.position > after));
  }
  const of = options.getStream();
  if (of?.hasRevision() === true) {
    const after = Number(of.getRevision());
    return first(all.findIndex((event) => event.stream === stream && event.revision > after));
  }
  return options.getAll()?.hasEnd() === true || of?.hasEnd() === true ? all.length : 0;
}

function filterOf(options: Options): Allowed {
  const filter = options.getFilter();
  if (filter === undefined) return () => true;
  const byType = filter.hasEventType();
  const expression = byType ? filter.getEventType()! : filter.getStreamIdentifier()!;
  const prefixes = expression.getPrefixList();
  const regex = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex());
  return ({ type, stream }) => {
    const name = byType ? type : stream;
    return regex === undefined ? prefixes.some((prefix) => name.startsWith(prefix)) : regex.test(name);
  };
}

/** Waits while the receiver does not take more. */
async function deliver(script: Script, call: Call, event: StoredEvent): Promise<void> {
  if (call.cancelled) return;
  script.delivered += 1;
  if (call.write(messages.eventMessage(event))) return;
  const over = new AbortController();
  const stop = () => over.abort();
  call.once('cancelled', stop).once('close', stop);
  await once(call, 'drain', { signal: over.signal }).catch(() => undefined);
  call.off('cancelled', stop).off('close', stop);
}
