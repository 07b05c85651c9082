import { describe, expect, it } from 'vitest';
import { readChannelEvent } from '../../../domain/channel/events.ts';
import { UnknownEventVersion } from '../../../domain/versioned-event.ts';

const recorded = {
  stream: 'channel-shop',
  revision: 3,
  position: 9n,
  id: 'x',
  type: 'PublishingStopped',
  metadata: {},
};

describe('a stored event of a channel stream', () => {
  it('of an unknown version or type names its place', () => {
    expect(() => readChannelEvent({ ...recorded, data: { v: 99 } })).toThrow(
      /channel-shop@3: PublishingStopped version 99/,
    );
    expect(() => readChannelEvent({ ...recorded, type: 'Other', data: { v: 1 } })).toThrow(UnknownEventVersion);
  });

  // The loop that channel events had of their own would go round for ever.
  it('whose upcaster does not lead to the next version is refused', { timeout: 5_000 }, () => {
    const stuck = new Map([[0, () => ({ v: 0 })]]);
    expect(() => readChannelEvent({ ...recorded, data: { v: 0 } }, stuck)).toThrow(UnknownEventVersion);
  });
});
