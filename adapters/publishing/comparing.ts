// Looks at every SKU that a channel has a figure of, or was ever told: in turns, because a catalogue may be a million SKUs.
import type { ChannelRecord } from '../../projections/published-pages.ts';
import type { Known } from './known.ts';
import type { Line } from './line.ts';
import type { Reading } from './reading.ts';
import { mayHaveBeenTold } from './recovery.ts';
import { seekKnown } from './seeking.ts';
import type { Sender } from './sender.ts';
import type { Assignment, Surroundings } from './surroundings.ts';
import { pause } from './timers.ts';

const SKUS_PER_TURN = 5_000;

export async function lookAtAll(
  channel: string,
  { availability, published }: Pick<Surroundings, 'availability' | 'published'>,
  look: (sku: string) => void,
  giveWay: () => Promise<void>,
): Promise<void> {
  let looked = 0;
  const lookAt = async (sku: string) => {
    look(sku);
    looked += 1;
    if (looked % SKUS_PER_TURN === 0) await giveWay();
  };
  for (const sku of availability.skus(channel)) await lookAt(sku);
  for (const sku of published.skus(channel)) if (availability.units(channel, sku) === undefined) await lookAt(sku);
}

export interface Comparing {
  readonly assignment: Assignment;
  readonly with: Pick<Surroundings, 'availability' | 'published' | 'clock' | 'timers'>;
  readonly known: Known;
  /** What the process before left; undefined: nothing, or it is known already. */
  readonly before: ChannelRecord | undefined;
  readonly sender: Pick<Sender, 'changed'>;
  readonly reading: Reading;
  readonly line: Line;
  readonly signal: AbortSignal;
}

/** Puts everything that differs into the backlog, and looks for what was only accepted. */
export function compareAll(room: Comparing): Promise<void> {
  const { known, before, sender, reading, line, signal } = room;
  const { availability, published, clock, timers } = room.with;
  const { channel, policy } = room.assignment;
  const look = (sku: string) => {
    const shown = published.shown(channel.id, sku);
    const differs = known.difference(sku) !== undefined;
    if (before !== undefined && shown !== undefined && mayHaveBeenTold(sku, before, policy, differs, availability)) {
      known.suspect(sku);
      // By a feed too, which nobody wrote down and which may arrive over what it is told now.
      if (shown.feed === undefined) reading.handedOver(sku, undefined, line);
    }
    sender.changed(sku);
    seekKnown(reading, sku, shown, line.ordering, { instant: clock.now(), moment: timers.now() });
  };
  return lookAtAll(channel.id, room.with, look, () => pause(timers, 0, signal));
}
