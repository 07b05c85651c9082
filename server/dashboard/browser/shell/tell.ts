// Tells an order or a transfer something and says what came of it. When the answer is lost, the same command is sent
// again under the same id: what was taken is not taken twice.
import { post, refusalOf } from '../api/call.ts';
import { commandId } from '../api/command-id.ts';
import { say, sayFailure } from './toasts.ts';

interface Taken {
  /** False: a stock could not be asked yet, and will be. */
  readonly settled: boolean;
}

const TRIES = 3;
const PAUSE_MS = 1_000;

/** Resolves in any case. `path` is of the workflow, `name` what people call it, `done` what is so now. */
export async function tell(path: string, name: string, command: { readonly type: string }, done: string) {
  const body = { ...command, id: commandId() };
  for (let tries = 1; ; tries += 1) {
    try {
      const { settled } = await post<Taken>(`${path}/commands`, body);
      return say(settled ? done : `${done}; a stock could not be asked yet, and will be`);
    } catch (error) {
      const { status, reason, retryAfterMs } = refusalOf(error);
      const isLost = status === 0 || reason === 'unknown-outcome';
      if (!isLost || tries === TRIES) return sayFailure(`${name} was left as it was`, error);
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs ?? PAUSE_MS));
    }
  }
}
