// The load generator's process: takes one order at a time over IPC and answers with its result.
// A process of its own, so that the side being measured has its event loop to itself.
import { type LoadOrder, runLoad } from './load.ts';

process.on('message', (order: LoadOrder) => {
  runLoad(order).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
