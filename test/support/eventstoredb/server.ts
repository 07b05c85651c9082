// A scripted EventStoreDB: the protocol of the real one (the definitions that ship inside the client), a log in memory that
// survives stop and restart, and faults. One node or a cluster that shares its log. It follows the server's sources; where
// they and this disagree, this is wrong.
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { batchAppend, type Node, unaryAppend } from './append.ts';
import { createScript, type Faults } from './faults.ts';
import * as messages from './messages.ts';
import { read } from './read.ts';
import { createStore, type Store } from './store.ts';
import { createWire } from './wire.ts';

export interface ScriptedEventStoreDb {
  /** For the product's EVENT_LOG and for `createEventStoreDbLog`. */
  readonly connectionString: string;
  readonly faults: Faults;
  /** What is really in the log, for assertions. */
  readonly store: Store;
  /** Connections ever accepted, by all nodes. */
  connections(): number;
  /** Subscriptions open on the server now. */
  subscriptions(): number;
  /** Events written towards clients, by reads and subscriptions. */
  delivered(): number;
  /** From now on connections are refused; the log is kept. */
  stop(): Promise<void>;
  /** On the same ports, with the same log. */
  restart(): Promise<void>;
}

const HOST = '127.0.0.1';
/** As on the real server (Kestrel's default). */
const CALLS_PER_CONNECTION_MAX = 100;

export async function startEventStoreDb(options: { readonly nodes?: number } = {}): Promise<ScriptedEventStoreDb> {
  const store = createStore();
  const wires = Array.from({ length: options.nodes ?? 1 }, createWire);
  const script = createScript(wires);
  const endpoint = (node: number): messages.Leader => ({ host: HOST, port: wires[node]!.port });
  const nodes: readonly Node[] = wires.map((wire, index) => ({ index, wire, store, script, endpoint }));
  let servers: readonly Server[] = [];

  const start = async () => {
    servers = nodes.map((node) => serve(node, nodes.length));
    await Promise.all(servers.map(async (server, index) => wires[index]!.open(await bind(server))));
  };
  await start();
  return {
    connectionString: `esdb://${wires.map(({ port }) => `${HOST}:${port}`).join(',')}?tls=false`,
    faults: script.faults,
    store,
    connections: () => wires.reduce((sum, { accepted }) => sum + accepted, 0),
    subscriptions: () => script.subscriptions.size,
    delivered: () => script.delivered,
    async stop() {
      script.subscriptions.clear();
      await Promise.all(wires.map((wire) => wire.shut()));
      for (const server of servers) server.forceShutdown();
    },
    restart: start,
  };
}

function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

function serve(node: Node, nodes: number): Server {
  const server = new Server({ 'grpc.max_concurrent_streams': CALLS_PER_CONNECTION_MAX });
  server.addService(streamsGrpc.StreamsService, {
    read: read(node),
    append: unaryAppend(node),
    batchAppend: batchAppend(node),
    delete: (
      call: ServerUnaryCall<Streams.DeleteReq, Streams.DeleteResp>,
      reply: sendUnaryData<Streams.DeleteResp>,
    ) => {
      node.store.delete(nameOf(call.request.getOptions()!));
      reply(null, new streams.DeleteResp().setNoPosition(messages.empty()));
    },
    tombstone: (
      call: ServerUnaryCall<Streams.TombstoneReq, Streams.TombstoneResp>,
      reply: sendUnaryData<Streams.TombstoneResp>,
    ) => {
      node.store.tombstone(nameOf(call.request.getOptions()!));
      reply(null, new streams.TombstoneResp().setNoPosition(messages.empty()));
    },
  });
  server.addService(featuresGrpc.ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, reply: sendUnaryData<ReturnType<typeof supported>>) =>
      reply(null, supported()),
  });
  server.addService(gossipGrpc.GossipService, {
    read: (_call: unknown, reply: sendUnaryData<ReturnType<typeof members>>) => reply(null, members(node, nodes)),
  });
  return server;
}

type Named = Streams.DeleteReq.Options | Streams.TombstoneReq.Options;
const nameOf = (options: Named) => messages.textOf(options.getStreamIdentifier()!.getStreamName_asU8());

function supported() {
  const methods = ['read', 'append', 'delete', 'tombstone', 'batchAppend'].map((method) =>
    new features.SupportedMethod()
      .setServiceName('event_store.client.streams.streams')
      .setMethodName(method.toLowerCase())
      .setFeaturesList([]),
  );
  return new features.SupportedMethods().setEventStoreServerVersion('24.10.0').setMethodsList(methods);
}

function members({ script, endpoint }: Node, nodes: number) {
  const { VNodeState } = gossip.MemberInfo;
  const all = Array.from({ length: nodes }, (_, index) => {
    const { host, port } = endpoint(index);
    return new gossip.MemberInfo()
      .setInstanceId(new shared.UUID().setString(`00000000-0000-4000-9000-00000000000${index}`))
      .setState(script.leader() === index ? VNodeState.LEADER : VNodeState.FOLLOWER)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port));
  });
  return new gossip.ClusterInfo().setMembersList(all);
}
