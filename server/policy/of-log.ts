// The policy of a log that no server has open, for the commands that look at one.
import { compilePolicy, type Policy } from '../../domain/channel/policy.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { policyAt, storedDocument } from '../../domain/policy/history.ts';
import type { Clock } from '../../domain/time.ts';
import { ConfigError } from '../config.ts';
import { NO_POLICY, readPolicyFile } from '../policy-file.ts';
import { readPolicyStream } from './stored.ts';

/** In force now; of a log without one, that of the file. @throws ConfigError when there is neither */
export async function policyOfLog(log: EventLog, file: string | undefined, clock: Clock): Promise<Policy> {
  const { history } = await readPolicyStream(log);
  const policy = policyAt(history, Math.max(clock.now(), history.recordedAt));
  if (policy !== undefined) return policy;
  const document = await readPolicyFile(file);
  if (document === undefined) throw new ConfigError(NO_POLICY);
  return compilePolicy(document);
}

/**
 * The longest that any version had stocks remember, ms. Folding under it gives the levels that were decided under each: what
 * a shorter memory forgets lies outside the window of its time, and moved nothing.
 */
export async function memoryOfLog(log: EventLog, file: string | undefined, clock: Clock): Promise<number> {
  const { history } = await readPolicyStream(log);
  const memories = history.versions.map(({ document }) => compilePolicy(storedDocument(document)).memoryMs);
  return memories.length > 0 ? Math.max(...memories) : (await policyOfLog(log, file, clock)).memoryMs;
}
