// What a crash may have left untold in the log is said again, by whichever process comes to it.
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualChannel, type VirtualChannel } from '../../support/marketplace/virtual-channel.ts';
import { createWorld, type World } from '../../support/marketplace/world.ts';

let world: World;
afterEach(() => world.end());

const shownBy = ({ listings }: VirtualChannel) =>
  Object.fromEntries(['A', 'B'].flatMap((sku) => (listings.get(sku) ? [[sku, listings.get(sku)?.units]] : [])));

describe('publishing after a crash', () => {
  // Planted bug: mayHaveBeenTold answering false leaves the channel showing 1 for ever.
  it('says again what a crash may have left unrecorded, even if the figure is what it was', async () => {
    world = await createWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    await world.set('shop', 'B', 5);
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    channel.behave = () => 'hangs';
    await world.set('shop', 'A', 1);
    await world.time.advance(1_000);
    expect(shownBy(channel)).toEqual({ A: 1, B: 5 });
    world.crash();
    await world.set('shop', 'A', 5);
    channel.behave = () => 'ok';
    await world.restart();
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    expect(shownBy(channel)).toEqual({ A: 5, B: 5 });
    expect(channel.calls.at(-1)!.updates).toEqual([{ sku: 'A', units: 5 }]);
  });

  // Seen failing: a process that stopped in order, before it had compared anything, said that all was told (simulation, seed 7286).
  it('says it again also when the process after the crash stops before its read model has caught up', async () => {
    world = await createWorld();
    const channel = createVirtualChannel(world.time);
    await world.set('shop', 'A', 5);
    world.start({ shop: channel.connector });
    await world.time.advance(2_000);
    channel.behave = () => 'hangs';
    await world.set('shop', 'A', 1);
    await world.time.advance(1_000);
    world.crash();
    await world.set('shop', 'A', 5);
    channel.behave = () => 'ok';
    await world.restart();
    const behind = async () => {
      await world.time.sleep(50);
      return false;
    };
    Object.assign(world.readModel().availability, { waitFor: behind });
    const short = world.start({ shop: channel.connector });
    await world.time.advance(1_000);
    const closing = short.close();
    await world.time.advance(10_000);
    await closing;
    await world.restart();
    world.start({ shop: channel.connector });
    await world.time.advance(5_000);
    expect(shownBy(channel)).toEqual({ A: 5 });
  });
});
