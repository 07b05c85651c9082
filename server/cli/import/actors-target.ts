// Imports into this process: straight to the stock actors, after the same checks as the API makes.
import type { Policy } from '../../../domain/channel/policy.ts';
import type { Answer, StockActors } from '../../actors/answer.ts';
import type { Client } from '../../auth/keys.ts';
import { checkCommand } from '../../routes/intake/check-command.ts';
import type { ImportTarget, LineResult } from './target.ts';

export interface ActorsTargetOptions {
  readonly actors: StockActors;
  readonly policy: () => Policy;
  /** The source of a command that names none. */
  readonly client: string;
}

export function actorsTarget({ actors, policy, client: id }: ActorsTargetOptions): ImportTarget {
  const client: Client = { id, scopes: new Set(['commands:write']), locations: 'all', channels: 'all' };
  const submit = async (json: unknown): Promise<LineResult> => {
    const checked = checkCommand({ policy }, client, json);
    if ('bad' in checked) {
      const { reason, detail } = checked.bad;
      return { outcome: 'invalid', reason, detail };
    }
    return resultOf(await actors.submit({ command: checked.command, client: id }));
  };
  return { submitBatch: (commands) => Promise.all(commands.map(submit)) };
}

function resultOf(answer: Answer): LineResult {
  if (answer.outcome === 'refused' || answer.outcome === 'failed') return answer;
  return { outcome: answer.outcome, duplicate: answer.duplicate };
}
