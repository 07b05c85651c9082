// Takes the messages of a page: those about one thing in their order, those about different things side by side, as
// webhooks arrive. One after the other, a page of a hundred orders would wait for the disk five hundred times.
import type { InboundMessage } from '../../adapters/inbound/inbound.ts';
import type { Verdict } from './verdict.ts';

/** Things at once: the log writes what came together in one commit, so more would gain little. */
export const SIDE_BY_SIDE_MAX = 16;

/** Calls `settled` with each message's verdict, in no order. The first `busy` ends it, and is answered once nothing is under way. */
export async function takeSideBySide(
  messages: readonly InboundMessage[],
  { take }: { take(message: InboundMessage): Promise<Verdict> },
  settled: (message: InboundMessage, verdict: Exclude<Verdict, { kind: 'busy' }>) => void,
): Promise<Extract<Verdict, { kind: 'busy' }> | undefined> {
  const things = [...Map.groupBy(messages, ({ about }) => about).values()];
  let busy: Extract<Verdict, { kind: 'busy' }> | undefined;
  const worker = async () => {
    for (let thing = things.shift(); thing !== undefined; thing = things.shift()) {
      for (const message of thing) {
        if (busy !== undefined) return;
        const verdict = await take(message);
        if (verdict.kind === 'busy') busy ??= verdict;
        else settled(message, verdict);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE_MAX, things.length) }, worker));
  return busy;
}
