// The crowd's process: told over IPC what to do, it answers when that is done, and says each second what it saw. A process
// of its own, so that the server's event loop is not its.
import { type Crowd, createCrowd, type Place } from './crowd.ts';
import type { Second } from './tally.ts';

export type Told =
  | { readonly do: 'come'; readonly place: Place }
  | { readonly do: 'calm' }
  | { readonly do: 'rush'; readonly wishesPerSecond: Readonly<Record<string, number>> }
  | { readonly do: 'rest' }
  | { readonly do: 'journals' };

export type Says =
  | { readonly second: Second }
  | { readonly did: Told['do']; readonly journals?: ReadonlyMap<string, Uint8Array> };

let crowd: Crowd | undefined;
const say = (what: Says) => void process.send?.(what);

process.on('message', async (told: Told) => {
  if (told.do === 'come') {
    crowd = createCrowd(told.place);
    setInterval(() => say({ second: crowd!.second() }), 1_000);
  } else if (told.do === 'calm') crowd!.calm();
  else if (told.do === 'rush') crowd!.rush(told.wishesPerSecond);
  else if (told.do === 'rest') await crowd!.rest();
  say({ did: told.do, ...(told.do === 'journals' && { journals: crowd!.journals() }) });
});
process.on('disconnect', () => process.exit(0));
