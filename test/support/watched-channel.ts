// One channel in virtual time under the watch over failing channels: with the real publisher, its breaker and its probes, a
// policy that says what is done when it fails, and what people are told.
import type { Connector } from '../../adapters/channels/channel.ts';
import { PolicyDocument } from '../../domain/channel/policy.ts';
import { type Case, noCase } from '../../domain/exception/case.ts';
import type { Cause } from '../../domain/exception/cause.ts';
import { loweredChannels } from '../../domain/policy/history.ts';
import { HOUR, SECOND } from '../../domain/time.ts';
import { watchFailingChannels } from '../../server/policy/failing-channels.ts';
import { createVirtualChannel } from './marketplace/virtual-channel.ts';
import { createWorld, type World } from './marketplace/world.ts';
import { aPolicyBook } from './policy-book.ts';

let end = () => {};
/** After each test: what the last `watched` started is over. */
export function endWatched(): void {
  end();
  end = () => {};
}

export const policyWith = (version: string, whenFailing: object | undefined) =>
  PolicyDocument.parse({
    version,
    locations: [{ id: 'x' }],
    channels: [{ id: 'shop', locations: ['x'], whenFailing }],
  });

interface WatchedOptions {
  /** How long the breaker may be open; default: longer than what policy says. */
  readonly casePatienceMs?: number;
  /** Calls a day that may name the same SKU. */
  readonly perSkuDailyMax?: number;
  /** Instead of a channel that shows what it confirms. */
  readonly connectorIn?: (world: World) => Connector;
}

export async function watched(
  whenFailing: object | undefined,
  { casePatienceMs = HOUR, connectorIn, perSkuDailyMax }: WatchedOptions = {},
) {
  const world = await createWorld();
  const channel = createVirtualChannel(world.time, { perSkuDailyMax });
  /** SKUs that it wants to be told later, whenever it is told. */
  const postponed = new Set<string>();
  const connector: Connector = {
    ...channel.connector,
    async publish(batch, signal) {
      const reply = await channel.connector.publish(batch, signal);
      if (reply.kind !== 'answered') return reply;
      const outcomes = new Map(reply.outcomes);
      for (const sku of postponed) outcomes.set(sku, { kind: 'retryLater', afterMs: SECOND });
      return { ...reply, outcomes };
    },
  };
  const connectors = { shop: connectorIn?.(world) ?? connector };
  let publishing = world.start(connectors);
  const { book } = await aPolicyBook({ log: world.log, time: world.time, file: policyWith('1', whenFailing) });
  const cases: string[] = [];
  const raised: Cause[] = [];
  const lasting = new Map<string, Case>();
  const logger = { warn() {}, info() {}, error() {} } as never;
  const watchAgain = () =>
    watchFailingChannels({
      ...{ policies: book, publishing, clock: world.time.clock, timers: world.time.timers, logger },
      casePatienceMs,
      published: () => world.published,
      knownCases: () => ({ isLasting: (_, key) => lasting.has(key), lasting: () => lasting.values() }),
      cases: {
        raise(cause) {
          cases.push(`raised ${cause.key} for ${cause.owner ?? 'whom policy says'}`);
          raised.push(cause);
          lasting.set(cause.key, { ...noCase('c'), key: cause.key });
        },
        cleared(kind, key) {
          cases.push(`cleared ${kind} ${key}`);
          lasting.delete(key);
        },
      },
    });
  let watch = watchAgain();
  end = () => {
    void watch.close();
    book.close();
    world.end();
  };
  const isLowered = () => loweredChannels(book.history(), book.now()).length > 0;
  return {
    ...{ world, channel, postponed, book, cases, raised, lasting, isLowered },
    get publishing() {
      return publishing;
    },
    get watch() {
      return watch;
    },
    /** The process is gone, and another takes its place. */
    async restart() {
      await watch.close();
      world.crash();
      await world.restart();
      publishing = world.start(connectors);
      watch = watchAgain();
    },
  };
}
