// A contract is worth what it catches: each check is run here on an adapter with a bug planted in it, and must fail.
import { expect, it } from 'vitest';
import type { Connector, Declaration, Outcome, Reply } from '../../../../adapters/channels/channel.ts';
import { CHECKS } from '../../channel-adapter.contract.ts';
import type { ChannelRig } from '../rig.ts';

export interface Planted<R extends ChannelRig> {
  readonly bug: string;
  /** The start of the name of the check that must see it. */
  readonly seenBy: string;
  /** What the failure says. */
  readonly says: RegExp;
  readonly plant: (rig: R) => ChannelRig;
}

export function plantedBug<R extends ChannelRig>(start: () => Promise<R>, { bug, seenBy, says, plant }: Planted<R>) {
  it(bug, { timeout: 60_000 }, async () => {
    const found = CHECKS.filter(({ name }) => name.startsWith(seenBy));
    expect(found, `one check is called "${seenBy}…"`).toHaveLength(1);
    const [check] = found;
    const rig = await start();
    const planted = plant(rig);
    try {
      expect(check!.skip?.(planted), 'it is not skipped').toBeUndefined();
      const failure = await check!.run(planted).then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(failure, 'the check passed with the bug in it').toBeDefined();
      expect(failure).toMatch(says);
    } finally {
      await rig.close();
    }
  });
}

export const withConnector = (rig: ChannelRig, change: Partial<Connector>): ChannelRig => ({
  ...rig,
  connector: { ...rig.connector, ...change },
});

export const declaring = (rig: ChannelRig, declares: Partial<Declaration>): ChannelRig =>
  withConnector(rig, { declares: { ...rig.connector.declares, ...declares } });

/** Changes what the connector answers. */
export const answering = (rig: ChannelRig, change: (reply: Reply, skus: readonly string[]) => Reply): ChannelRig =>
  withConnector(rig, {
    async publish(batch, signal) {
      return change(
        await rig.connector.publish(batch, signal),
        batch.updates.map(({ sku }) => sku),
      );
    },
  });

export function allOf(skus: readonly string[], outcome: Outcome): Reply {
  return { kind: 'answered', outcomes: new Map(skus.map((sku) => [sku, outcome])) };
}

/** Changes each outcome of an answer. */
export const judging = (rig: ChannelRig, change: (outcome: Outcome) => Outcome): ChannelRig =>
  answering(rig, (reply) =>
    reply.kind === 'answered'
      ? { ...reply, outcomes: new Map([...reply.outcomes].map(([sku, outcome]) => [sku, change(outcome)])) }
      : reply,
  );
