// A channel in virtual time that only accepts: what it takes in is shown a while later, or never; by two ways in, of which
// the feed may be stuck and be applied hours later, over values that came after it. The last to be applied wins.
import type { Batch, Connector, Declaration, Outcome, Reply } from '../../../adapters/channels/channel.ts';
import type { VirtualTime } from '../virtual-time.ts';

export interface AcceptingChannel {
  readonly connector: Connector;
  /** What buyers see. */
  readonly shows: Map<string, number>;
  readonly calls: { readonly at: number; readonly lane: 'urgent' | 'bulk'; readonly updates: Batch['updates'] }[];
  readonly reads: { readonly at: number; readonly skus: readonly string[] }[];
  /** From acceptance to sight. */
  applyMs: { urgent: number; bulk: number };
  /** Accepted by this lane, and never shown. */
  drops: (sku: string, lane: 'urgent' | 'bulk') => boolean;
  /** Feeds wait until `release`. */
  stuck: boolean;
  refusesBulk: boolean;
  release(): void;
  reading: 'ok' | 'later' | 'too-fast' | 'hangs';
  /** No call is answered, by whatever way. */
  isDown: boolean;
  /** What it says of values that it will not show. */
  readonly refuses: Map<string, string>;
  /** Most SKUs in one read, most reads at a time. */
  readonly most: { skus: number; reads: number };
}

export function createAcceptingChannel(time: VirtualTime, declares: Partial<Declaration> = {}): AcceptingChannel {
  let reads = 0;
  const held: Batch[] = [];
  const apply = ({ updates }: Batch, lane: 'urgent' | 'bulk') => {
    for (const { sku, units } of updates) if (!channel.drops(sku, lane)) channel.shows.set(sku, units);
  };
  const take = async (batch: Batch, lane: 'urgent' | 'bulk'): Promise<Reply> => {
    channel.calls.push({ at: time.now(), lane, updates: batch.updates });
    await time.sleep(20);
    if (channel.isDown) return { kind: 'unavailable', reason: 'down' };
    if (lane === 'bulk' && channel.refusesBulk) return { kind: 'batchRefused', reason: 'FATAL' };
    if (lane === 'bulk' && channel.stuck) held.push(batch);
    else void time.sleep(channel.applyMs[lane]).then(() => apply(batch, lane));
    const outcomes = batch.updates.map(({ sku }): [string, Outcome] => [sku, { kind: 'confirmed' }]);
    return { kind: 'answered', outcomes: new Map(outcomes) };
  };
  const channel: AcceptingChannel = {
    connector: {
      declares: {
        ...{ batchSizeMax: 20, concurrency: 2, semantics: 'set', ordering: 'arrival', idempotent: false },
        ...{ acknowledgement: 'accepted', settlesMsMax: 60_000, isolation: 'per-update' },
        readBack: { batchSizeMax: 20, ratePerSecondMax: 5, burstMax: 5, concurrency: 2 },
        ...declares,
      },
      publish: (batch) => take(batch, 'urgent'),
      ...(declares.bulk === undefined ? {} : { publishBulk: (batch: Batch) => take(batch, 'bulk') }),
      async readBack(skus, signal) {
        channel.reads.push({ at: time.now(), skus });
        reads += 1;
        channel.most.skus = Math.max(channel.most.skus, skus.length);
        channel.most.reads = Math.max(channel.most.reads, reads);
        if (channel.reading === 'hangs') await new Promise((resolve) => signal.addEventListener('abort', resolve));
        else await time.sleep(20);
        reads -= 1;
        if (channel.isDown) return { kind: 'later', reason: 'down' };
        if (channel.reading === 'too-fast') return { kind: 'later', reason: 'slower', afterMs: 500, tooFast: true };
        if (channel.reading === 'later') return { kind: 'later', reason: 'not now' };
        const units = new Map([...channel.shows].filter(([sku]) => skus.includes(sku)));
        return { kind: 'shown', units, refused: channel.refuses };
      },
    },
    shows: new Map(),
    calls: [],
    reads: [],
    applyMs: { urgent: 3_000, bulk: 120_000 },
    drops: () => false,
    stuck: false,
    refusesBulk: false,
    release() {
      for (const batch of held.splice(0)) apply(batch, 'bulk');
    },
    reading: 'ok',
    isDown: false,
    refuses: new Map(),
    most: { skus: 0, reads: 0 },
  };
  return channel;
}
