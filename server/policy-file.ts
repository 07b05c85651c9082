// Policy from a validated file, adopted into the log: a start under another policy is itself an event, so every
// figure's policy version can be looked up, and a figure that changes with the policy gets a newer version.
import { compilePolicy, type Policy, PolicyDocument, PolicyShape } from '../domain/channel/policy.ts';
import { CHAIN_GENESIS, chainHash, eventId, type Hashes } from '../domain/event-id.ts';
import { type EventLog, type JsonObject, NO_STREAM, type RecordedEvent } from '../domain/event-log.ts';
import type { Clock } from '../domain/time.ts';
import { ConfigError } from './config.ts';
import { readDocument } from './document-file.ts';

export const POLICY_STREAM = 'policy';
const PAGE_EVENTS = 100;

/** @throws ConfigError naming the file, the field and the rule */
export async function readPolicyFile(path: string | undefined): Promise<Policy> {
  if (path === undefined) {
    throw new ConfigError(
      'POLICY_FILE is not set: name a policy document; docs/examples/policy.json is one to start from',
    );
  }
  return compilePolicy(await readDocument('POLICY_FILE', path, 'a valid policy', PolicyDocument));
}

/**
 * Records the policy as adopted, unless it is the one adopted last.
 * @throws ConfigError when its version was adopted before with other content
 */
export async function adoptPolicy(policy: Policy, log: EventLog, clock: Clock, hashes: Hashes): Promise<void> {
  const adopted = await adoptions(log);
  const document = JSON.parse(JSON.stringify(policy.document)) as JsonObject;
  const same = adopted.findLast((event) => event.data['version'] === policy.version);
  if (same !== undefined && !isSameContent(same.data['document'], document)) {
    throw new ConfigError(
      `policy version ${policy.version} was adopted before with other content (${POLICY_STREAM}@${same.revision}); give the changed document a new version`,
    );
  }
  const last = adopted.at(-1);
  if (last !== undefined && last.data['version'] === policy.version) return;
  const revision = (last?.revision ?? NO_STREAM) + 1;
  const commandId = `policy:${policy.version}:${revision}`;
  const previousHash = (last?.metadata['hash'] as string | undefined) ?? CHAIN_GENESIS;
  const event = {
    id: eventId(POLICY_STREAM, commandId, 0, hashes),
    type: 'PolicyAdopted',
    data: { v: 1, version: policy.version, recordedAt: clock.now(), document },
    metadata: { causationId: commandId, previousHash },
  };
  const hash = chainHash(POLICY_STREAM, revision, event, hashes);
  await log.append(POLICY_STREAM, revision - 1, [{ ...event, metadata: { ...event.metadata, hash } }]);
}

/** An older build adopted the same file without what has a default by now. */
function isSameContent(adopted: unknown, document: JsonObject): boolean {
  const read = PolicyShape.safeParse(adopted);
  return read.success && JSON.stringify(read.data) === JSON.stringify(document);
}

async function adoptions(log: EventLog): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await log.read(POLICY_STREAM, events.length, PAGE_EVENTS);
    events.push(...page);
    if (page.length < PAGE_EVENTS) return events;
  }
}
